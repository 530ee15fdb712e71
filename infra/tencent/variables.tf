# Settings of the functions whose values must fit each other, or are narrower here than layers/liveproof/settings.py
# allows. All others are in variables_settings.tf. The local cloud reads the defaults from both files, so a default
# must be a plain value.

locals {
  regions        = jsondecode(file("${path.module}/../../layers/liveproof/data/regions.json")).regions
  scf_regions    = [for name, region in local.regions : name if region.functions]
  vendor_regions = [for name, region in local.regions : name if length(region.vendor) > 0]

  checks = jsondecode(file("${path.module}/../../layers/liveproof/data/checks.json"))
  called = [for name, check in local.checks.checks : name == "video" ? var.video_api : check.apis[0]]
  # What a call of these costs nobody has said. SenseID is licensed and not billed by the call.
  unpriced = [for api in local.called : api if try(local.checks.apis[api].service, "") != "senseid" && lookup(var.prices, api, 0) == 0]
}

variable "region" {
  type        = string
  description = "Region of the functions, the bucket, the database and the secrets."
  default     = "ap-singapore"

  validation {
    condition     = contains(local.scf_regions, var.region)
    error_message = "Tencent Cloud is not known to run functions (SCF) in this region. Deploy to one of ${join(", ", local.scf_regions)}; for a vendor in another region with file_transfer = \"relay\" and allow_distant_vendor_region = true."
  }
}

variable "vendor_region" {
  type        = string
  description = "Region of the vendor's API that judges; where the biometric bytes are processed."
  default     = "ap-singapore"

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+$", var.vendor_region))
    error_message = "A region looks like ap-singapore."
  }
  validation {
    condition     = contains(local.vendor_regions, var.vendor_region)
    error_message = "The vendor does not judge in this region, only in ${join(", ", local.vendor_regions)}."
  }
  validation {
    condition     = var.vendor_region == var.region || var.allow_distant_vendor_region
    error_message = "vendor_region is not region. If the files may travel to another place: allow_distant_vendor_region = true, and file_transfer = \"relay\"."
  }
}

variable "file_transfer" {
  type        = string
  description = "How the vendor gets the files: bucket = presigned URLs of this deployment's bucket, in the vendor's own region; relay = through CreateUploadUrl. LivenessCompare's large files are relayed in both."
  default     = "bucket"

  validation {
    condition     = contains(["bucket", "relay"], var.file_transfer)
    error_message = "bucket or relay."
  }
  validation {
    condition     = contains(local.scf_regions, var.vendor_region) || var.file_transfer == "relay"
    error_message = "SCF is not known to run in ${var.vendor_region}, so a vendor there cannot read this deployment's bucket in its own region: file_transfer = \"relay\"."
  }
  validation {
    condition     = var.file_transfer != "bucket" || var.region == var.vendor_region
    error_message = "file_transfer = \"bucket\" needs region and vendor_region to be the same; otherwise file_transfer = \"relay\"."
  }
}

variable "vendor_endpoint" {
  type        = string
  description = "Address of the vendor's API."
  default     = "https://faceid.intl.tencentcloudapi.com"

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+$", var.vendor_endpoint))
    error_message = "https://HOST, without a path."
  }
  validation {
    # A host such as faceid.ap-hongkong.tencentcloudapi.com names its region.
    condition     = try(regex("^https://[a-z]+\\.([a-z]+-[a-z]+(?:-[0-9]+)?)\\.", var.vendor_endpoint)[0], var.vendor_region) == var.vendor_region
    error_message = "This host is in another region than vendor_region."
  }
}

variable "iai_endpoint" {
  type        = string
  description = "Address of the vendor's Face Recognition API, for the check photo."
  default     = "https://iai.intl.tencentcloudapi.com"

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+$", var.iai_endpoint))
    error_message = "https://HOST, without a path."
  }
  validation {
    # A host such as faceid.ap-hongkong.tencentcloudapi.com names its region.
    condition     = try(regex("^https://[a-z]+\\.([a-z]+-[a-z]+(?:-[0-9]+)?)\\.", var.iai_endpoint)[0], var.vendor_region) == var.vendor_region
    error_message = "This host is in another region than vendor_region."
  }
}

variable "senseid_url" {
  type        = string
  description = "SenseID private cloud, for the check silent: https://HOST:PORT. Empty: the check is off."
  default     = ""

  validation {
    condition     = can(regex("^(https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?)?$", var.senseid_url))
    error_message = "Empty, or https://HOST:PORT."
  }
  validation {
    condition     = try(tonumber(regex("^https?://[^/]*:([0-9]+)", var.senseid_url)[0]), 443) > 0 && try(tonumber(regex("^https?://[^/]*:([0-9]+)", var.senseid_url)[0]), 443) < 65536
    error_message = "A port is from 1 to 65535."
  }
}

variable "metric_clients" {
  type        = string
  description = "Clients whose deliveries are metrics of their own, comma separated; each costs up to five metrics. The log has the client of every delivery without that."
  default     = ""

  validation {
    condition     = length(var.metric_clients) <= 1000
    error_message = "At most 1000 characters."
  }
}

variable "trace_endpoint" {
  type        = string
  description = "Where each run's spans go, by OTLP over HTTP: the whole URL, such as `https://xray.REGION.amazonaws.com/v1/traces`. Empty: there are no traces. See traces."
  default     = ""

  validation {
    condition     = can(regex("^(https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?/[A-Za-z0-9._/-]*)?$", var.trace_endpoint))
    error_message = "Empty, or a URL with a path such as https://HOST/v1/traces."
  }
}

variable "trace_attributes" {
  type        = string
  description = "What every span says of its sender: NAME=VALUE, comma separated. Tencent Cloud's APM wants its `token` here, which may send spans and read nothing."
  default     = ""

  validation {
    condition     = can(regex("^([A-Za-z0-9._-]+=[^,=\\s]+(,[A-Za-z0-9._-]+=[^,=\\s]+)*)?$", var.trace_attributes))
    error_message = "Empty, or NAME=VALUE, comma separated. The functions refuse to start with anything else."
  }
}

variable "call_timeout_seconds" {
  type        = number
  description = "Seconds for the whole of a paid call, from connecting to the answer's last byte."
  default     = 30

  validation {
    # run_check has 165 s: 37 of waiting, and what layers/liveproof/domain/run_times.py says of the rest.
    condition     = var.call_timeout_seconds >= 1 && var.call_timeout_seconds <= 66
    error_message = "1 to 66 seconds: run_check's own time must have room for it."
  }
}

variable "daily_spend" {
  type        = number
  description = "What the calls of one day's verifications may cost the whole deployment (UTC), by `prices`. A verification that may pass that is refused: 429 `spend_limit_reached`. 0: no limit."
  default     = 0

  validation {
    condition     = var.daily_spend >= 0 && var.daily_spend <= 1000000000
    error_message = "A number from 0 to 1000000000."
  }
  validation {
    condition     = var.daily_spend == 0 || length(local.unpriced) == 0
    error_message = "A limit of spend needs the price of a call of each API that the vendor bills: name ${join(", ", local.unpriced)} in prices. Without it the functions refuse to start."
  }
}

variable "daily_spend_per_client" {
  type        = number
  description = "The same for each client. 0: no limit."
  default     = 0

  validation {
    condition     = var.daily_spend_per_client >= 0 && var.daily_spend_per_client <= 1000000000
    error_message = "A number from 0 to 1000000000."
  }
  validation {
    condition     = var.daily_spend_per_client == 0 || length(local.unpriced) == 0
    error_message = "A limit of spend needs the price of a call of each API that the vendor bills: name ${join(", ", local.unpriced)} in prices. Without it the functions refuse to start."
  }
}

variable "webhook_address_policy" {
  type        = string
  description = "Where webhooks may go: https on public addresses. (Local runs have another value, which the functions refuse on SCF.)"
  default     = "public"

  validation {
    condition     = var.webhook_address_policy == "public"
    error_message = "Only public can be deployed."
  }
}

variable "log_level" {
  type        = string
  description = "Level of the functions' logs."
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "DEBUG, INFO, WARNING or ERROR."
  }
}

variable "cos_endpoint" {
  type        = string
  description = "The bucket's address. Empty: its own domain."
  default     = ""

  validation {
    condition     = can(regex("^(https://[a-z0-9.-]+)?$", var.cos_endpoint))
    error_message = "Empty, or https://HOST."
  }
}

variable "ssm_endpoint" {
  type        = string
  description = "Address of the API for secrets."
  default     = "https://ssm.tencentcloudapi.com"

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+$", var.ssm_endpoint))
    error_message = "https://HOST, without a path."
  }
}

variable "scf_endpoint" {
  type        = string
  description = "Address of the API that starts functions."
  default     = "https://scf.tencentcloudapi.com"

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+$", var.scf_endpoint))
    error_message = "https://HOST, without a path."
  }
}
