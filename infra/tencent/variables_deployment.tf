# What the infrastructure is told; the functions do not read these.

variable "stage" {
  type        = string
  description = "Tells deployments of one account apart; part of every name."
  default     = "production"

  validation {
    # The longest function name, liveproof-STAGE-deliver_result, may have 60 characters.
    condition     = can(regex("^[a-z][a-z0-9-]{0,22}[a-z0-9]$", var.stage))
    error_message = "2 to 24 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "app_id" {
  type        = string
  description = "The account's APPID (console: Account Information). Part of the bucket's name."

  validation {
    condition     = can(regex("^[0-9]{10}$", var.app_id))
    error_message = "An APPID has 10 digits."
  }
}

variable "uin" {
  type        = string
  description = "The account's ID (UIN of the root account; console: Account Information)."

  validation {
    condition     = can(regex("^[0-9]{6,15}$", var.uin))
    error_message = "An account ID has digits only."
  }
}

variable "deployer_uin" {
  type        = string
  description = "UIN of the user whose keys Terraform has: a secret's resource name holds its creator. Empty: the root account's."
  default     = ""

  validation {
    condition     = can(regex("^[0-9]{0,15}$", var.deployer_uin))
    error_message = "Digits only."
  }
}

variable "bucket_name" {
  type        = string
  description = "The bucket's name without the APPID. Empty: liveproof-STAGE."
  default     = ""

  validation {
    condition     = can(regex("^([a-z0-9][a-z0-9-]{0,38}[a-z0-9])?$", var.bucket_name))
    error_message = "Lower-case letters, digits and hyphens, at most 40."
  }
}

variable "availability_zone" {
  type        = string
  description = "Zone of the database and of the functions' subnet, for example ap-singapore-1. TDSQL-C must sell serverless clusters there."

  validation {
    condition     = startswith(var.availability_zone, "${var.region}-")
    error_message = "A zone of the region: its name begins with the region's."
  }
}

variable "packages" {
  type        = string
  description = "The list of built packages (python -m tools.packaging); the zips lie beside it."
  default     = "../../build/tencent/packages.json"
}

variable "network_cidr" {
  type        = string
  description = "Addresses of the deployment's own network. Its first /24 is the functions', its second the database's."
  default     = "10.64.0.0/20"

  validation {
    condition     = can(cidrhost(var.network_cidr, 0)) && tonumber(split("/", var.network_cidr)[1]) >= 16 && tonumber(split("/", var.network_cidr)[1]) <= 23
    error_message = "A private network of /16 to /23, for example 10.64.0.0/20."
  }
  validation {
    condition     = can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.network_cidr)) && can(cidrsubnet(var.network_cidr, 0, 0)) && try(cidrsubnet(var.network_cidr, 0, 0), "") == var.network_cidr
    error_message = "The first address of a private network (of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16)."
  }
}

variable "uploads_expire_days" {
  type        = number
  description = "Uploaded files are deleted by the bucket after this many days."
  default     = 1

  validation {
    condition     = var.uploads_expire_days >= 1 && var.uploads_expire_days <= 30
    error_message = "1 to 30 days."
  }
}

variable "evidence_expire_days" {
  type        = number
  description = "Evidence (best frames and manifests) is deleted by the bucket after this many days."
  default     = 30

  validation {
    condition     = var.evidence_expire_days >= 1 && var.evidence_expire_days <= 3650
    error_message = "1 to 3650 days."
  }
}

variable "evidence_expire_days_of" {
  type        = map(number)
  description = "Another number of days for the evidence of some decisions: { rejected = 7 }."
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.evidence_expire_days_of), ["passed", "rejected", "resubmit", "error", "expired"])) == 0
    error_message = "The decisions are passed, rejected, resubmit, error and expired."
  }
  validation {
    condition     = alltrue([for days in values(var.evidence_expire_days_of) : days >= 1 && days <= 3650])
    error_message = "1 to 3650 days."
  }
}

variable "cors_origins" {
  type        = string
  description = "Web origins that may PUT to the bucket from a browser, comma separated. Empty: none; mobile apps need none."
  default     = ""

  validation {
    condition     = can(regex("^(https?://[^\\s,/]+(,https?://[^\\s,/]+)*)?$", var.cors_origins))
    error_message = "Empty, or origins such as https://app.example, comma separated."
  }
}

variable "bucket_tls_only" {
  type        = bool
  description = "The bucket refuses plain http."
  default     = true
}

variable "log_retention_days" {
  type        = number
  description = "How long CLS keeps the functions' log lines, in days."
  default     = 30

  validation {
    condition     = var.log_retention_days >= 1 && var.log_retention_days <= 3600
    error_message = "1 to 3600 days."
  }
}

variable "reserved_concurrency_mb" {
  type        = map(number)
  description = "Function to MB of concurrency that are its own and its limit: 12800 is 50 runs at a time. A function left out shares the region's. The default guarantees room for api in a burst, and limits what an endpoint that does not answer can occupy. It is replaced as a whole; {} reserves nothing."
  default     = { api = 12800, deliver_result = 12800 }

  validation {
    condition     = alltrue([for name, mb in var.reserved_concurrency_mb : mb >= try(jsondecode(file("${path.module}/functions.json")).functions[name].memory_mb, 128)])
    error_message = "At least the memory of the function, 256 MB: less has no room for a run, and would stop the function."
  }
  validation {
    condition     = length(setsubtract(keys(var.reserved_concurrency_mb), ["api", "webhooks", "verify_upload", "run_check", "deliver_result", "erase", "sweep"])) == 0
    error_message = "The functions are api, webhooks, verify_upload, run_check, deliver_result, erase and sweep."
  }
}

variable "invoke_any_function" {
  type        = bool
  description = "Lets functions that start steps invoke every function of the account. CAM's own table says that InvokeFunction cannot be limited to functions, SCF's says that it can: try false on your account."
  default     = true
}

variable "api_keys_secret_version" {
  type        = string
  description = "Version of the secret with the clients' API keys that the functions read."
  default     = "v1"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", var.api_keys_secret_version))
    error_message = "A version has 1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit."
  }
}

variable "webhooks_secret_version" {
  type        = string
  description = "Version of the secret with the webhook endpoints that the functions read."
  default     = "v1"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", var.webhooks_secret_version))
    error_message = "A version has 1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit."
  }
}

variable "vendor_key_secret_version" {
  type        = string
  description = "Version of the secret with the vendor's API key that the functions read."
  default     = "v1"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", var.vendor_key_secret_version))
    error_message = "A version has 1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit."
  }
}

variable "senseid_key_secret_version" {
  type        = string
  description = "Version of the secret with SenseID's encryption key that the functions read."
  default     = "v1"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", var.senseid_key_secret_version))
    error_message = "A version has 1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit."
  }
}

variable "database_secret_version" {
  type        = string
  description = "Version of the secret with the database's login. Another one with every change of database_password or database_ca."
  default     = "v1"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", var.database_secret_version))
    error_message = "A version has 1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit."
  }
}

variable "database_password" {
  type        = string
  sensitive   = true
  description = "Password of the functions' database account. It is in Terraform's state."

  validation {
    condition     = length(var.database_password) >= 16 && length(var.database_password) <= 64
    error_message = "16 to 64 characters."
  }
}

variable "database_root_password" {
  type        = string
  sensitive   = true
  description = "Password of the database's root account, which no function uses. It is in Terraform's state."

  validation {
    condition     = length(var.database_root_password) >= 16 && length(var.database_root_password) <= 64
    error_message = "16 to 64 characters."
  }
}

variable "database_ca" {
  type        = string
  description = "Certificate (PEM) that signs the database's: from the output database_ca_url, after the first apply."
  default     = ""

  validation {
    condition     = var.database_ca == "" || startswith(var.database_ca, "-----BEGIN CERTIFICATE-----")
    error_message = "Empty, or a certificate in PEM."
  }
}

variable "database_min_cpu" {
  type        = number
  description = "CCUs that the database keeps when idle."
  default     = 0.25

  validation {
    condition     = var.database_min_cpu >= 0.25 && var.database_min_cpu <= var.database_max_cpu
    error_message = "At least 0.25, at most database_max_cpu."
  }
}

variable "database_max_cpu" {
  type        = number
  description = "CCUs that the database grows to."
  default     = 2

  validation {
    condition     = var.database_max_cpu >= 0.5 && var.database_max_cpu <= 32
    error_message = "0.5 to 32."
  }
}

variable "database_auto_pause" {
  type        = string
  description = "yes pauses an idle database: its next request waits for seconds. The sweep asks every 20 seconds, so it pauses only where the sweep is off."
  default     = "no"

  validation {
    condition     = contains(["yes", "no"], var.database_auto_pause)
    error_message = "yes or no."
  }
}

variable "database_encryption" {
  type        = bool
  description = "Transparent data encryption with a key of KMS. Needs the account's consent for TDSQL-C to use KMS first, and cannot be switched off."
  default     = false
}

variable "alarm_notice_ids" {
  type        = object({ cls = optional(list(string), []), monitor = optional(list(string), []) })
  description = "Whom alarms tell: notices of CLS (log alarms) and of Cloud Monitor (alarms on SCF's own metrics). Empty: alarms change state and tell nobody."
  default     = {}
}

variable "scf_metrics" {
  type = object({
    namespace = string
    error     = optional(string, "Error")
    timeout   = optional(string, "Http433")
    throttle  = optional(string, "Throttle")
    duration  = optional(string, "Duration")
    function  = optional(string, "functionName")
    version   = optional(string, "$latest")
  })
  description = "Cloud Monitor's names for SCF in alarm policies. namespace is the policy type's Id, which only an account tells (tccli monitor DescribeAllNamespaces); the others are the metrics, the dimension of the function's name, and the version that is watched."

  validation {
    condition     = can(regex("^[A-Za-z0-9_/]+$", var.scf_metrics.namespace))
    error_message = "The Id of a policy type: letters, digits, _ and /."
  }
}
