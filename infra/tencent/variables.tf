# What a deployment is told. Each setting of the functions (functions.json) that is not derived in main.tf has its
# variable here, with the default of serverless.yml where that has the same setting. The local cloud reads the
# defaults from this file, so a default must be a plain value.

variable "region" {
  type        = string
  description = "Region of the functions, the bucket, the database and the secrets."
  default     = "ap-singapore"

  validation {
    # layers/liveproof/data/scf_regions.json: where SCF is known to run. ap-bangkok is not among them.
    condition     = contains(["ap-guangzhou", "ap-shanghai", "ap-beijing", "ap-chengdu", "ap-hongkong", "ap-singapore", "ap-tokyo", "na-siliconvalley", "eu-frankfurt"], var.region)
    error_message = "Tencent Cloud is not known to run functions (SCF) in this region. For a vendor in ap-bangkok deploy to ap-singapore with vendor_files = \"relay\" and allow_distant_vendor_region = true."
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
    # The regions of layers/liveproof/data/checks.json.
    condition     = contains(["ap-singapore", "ap-hongkong", "ap-bangkok", "ap-guangzhou", "ap-shanghai", "ap-beijing", "ap-chengdu", "ap-chongqing", "ap-nanjing"], var.vendor_region)
    error_message = "The vendor does not judge in this region: docs/checks.md has the list."
  }
  validation {
    condition     = var.vendor_region == var.region || var.allow_distant_vendor_region
    error_message = "vendor_region is not region. If the files may travel to another place: allow_distant_vendor_region = true, and vendor_files = \"relay\"."
  }
}

variable "allow_distant_vendor_region" {
  type        = bool
  description = "true takes a vendor_region other than region: the files travel to another place. Needs vendor_files = relay."
  default     = false
}

variable "vendor_files" {
  type        = string
  description = "How the vendor gets the files: bucket = presigned URLs of this deployment's bucket, in the vendor's own region; relay = through CreateUploadUrl. LivenessCompare's large files are relayed in both."
  default     = "bucket"

  validation {
    condition     = contains(["bucket", "relay"], var.vendor_files)
    error_message = "bucket or relay."
  }
  validation {
    condition     = var.vendor_region != "ap-bangkok" || var.vendor_files == "relay"
    error_message = "SCF is not known to run in ap-bangkok, so a vendor there cannot read this deployment's bucket in its own region: vendor_files = \"relay\"."
  }
  validation {
    condition     = var.vendor_files != "bucket" || var.region == var.vendor_region
    error_message = "vendor_files = \"bucket\" needs region and vendor_region to be the same; otherwise vendor_files = \"relay\"."
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
}

variable "video_api" {
  type        = string
  description = "Which API answers the check video. LivenessCompare is the legacy one."
  default     = "VideoLivenessCompare"

  validation {
    condition     = contains(["VideoLivenessCompare", "LivenessCompare", "CompareFaceLiveness"], var.video_api)
    error_message = "VideoLivenessCompare, LivenessCompare or CompareFaceLiveness."
  }
}

variable "best_frames" {
  type        = number
  description = "Frames asked of LivenessCompare as evidence."
  default     = 1

  validation {
    condition     = var.best_frames >= 1 && var.best_frames <= 10 && floor(var.best_frames) == var.best_frames
    error_message = "A whole number from 1 to 10."
  }
}

variable "unknown_outcome" {
  type        = string
  description = "When a paid call was sent and its answer never came: recall asks once more and records it, hold waits for an operator."
  default     = "recall"

  validation {
    condition     = contains(["recall", "hold"], var.unknown_outcome)
    error_message = "recall or hold."
  }
}

variable "reflect_calls_per_second" {
  type        = number
  description = "Calls of DetectReflectLivenessAndCompare per second, for the whole deployment. The vendor's limit is 5; the rest of it absorbs jitter."
  default     = 4.5

  validation {
    condition     = var.reflect_calls_per_second > 0 && var.reflect_calls_per_second <= 1000
    error_message = "Above 0, at most 1000."
  }
}

variable "video_calls_per_second" {
  type        = number
  description = "The same for the check video. The vendor's limit is 20 (LivenessCompare: 100)."
  default     = 18

  validation {
    condition     = var.video_calls_per_second > 0 && var.video_calls_per_second <= 1000
    error_message = "Above 0, at most 1000."
  }
}

variable "photo_calls_per_second" {
  type        = number
  description = "The same for the check photo. The vendor's limit is 50."
  default     = 45

  validation {
    condition     = var.photo_calls_per_second > 0 && var.photo_calls_per_second <= 1000
    error_message = "Above 0, at most 1000."
  }
}

variable "silent_calls_per_second" {
  type        = number
  description = "The same for the check silent. SenseID publishes no limit."
  default     = 10

  validation {
    condition     = var.silent_calls_per_second > 0 && var.silent_calls_per_second <= 1000
    error_message = "Above 0, at most 1000."
  }
}

variable "upload_urls_per_second" {
  type        = number
  description = "Calls of CreateUploadUrl per second: for light sequences and for files that are relayed (with vendor_files = bucket only LivenessCompare's large ones). The vendor's limit is 20."
  default     = 18

  validation {
    condition     = var.upload_urls_per_second > 0 && var.upload_urls_per_second <= 1000
    error_message = "Above 0, at most 1000."
  }
}

variable "call_timeout" {
  type        = number
  description = "Seconds for the whole of a paid call, from connecting to the answer's last byte."
  default     = 30

  validation {
    # run_check has 165 s: 37 of waiting, and what layers/liveproof/domain/run_times.py says of the rest.
    condition     = var.call_timeout >= 1 && var.call_timeout <= 66
    error_message = "1 to 66 seconds: run_check's own time must have room for it."
  }
}

variable "webhook_addresses" {
  type        = string
  description = "Where webhooks may go: https on public addresses. (Local runs have another value, which the functions refuse on SCF.)"
  default     = "public"

  validation {
    condition     = var.webhook_addresses == "public"
    error_message = "Only public can be deployed."
  }
}

variable "image_max_bytes" {
  type        = number
  description = "Images of the check reflect above this size are refused before any call."
  default     = 5242880

  validation {
    condition     = var.image_max_bytes >= 1 && var.image_max_bytes <= 104857600
    error_message = "1 byte to 100 MiB."
  }
}

variable "live_data_max_bytes" {
  type        = number
  description = "The same for the live data of reflect."
  default     = 20971520

  validation {
    condition     = var.live_data_max_bytes >= 1 && var.live_data_max_bytes <= 104857600
    error_message = "1 byte to 100 MiB."
  }
}

variable "silent_video_max_bytes" {
  type        = number
  description = "The same for the video of silent."
  default     = 20971520

  validation {
    condition     = var.silent_video_max_bytes >= 1 && var.silent_video_max_bytes <= 104857600
    error_message = "1 byte to 100 MiB."
  }
}

variable "record_days" {
  type        = number
  description = "A finished verification's record is deleted after this many days."
  default     = 365

  validation {
    condition     = var.record_days >= 1 && var.record_days <= 3650
    error_message = "1 to 3650 days."
  }
}

variable "secrets_lifetime" {
  type        = number
  description = "How long a container keeps a secret before it reads it again, in seconds."
  default     = 300

  validation {
    condition     = var.secrets_lifetime >= 0 && var.secrets_lifetime <= 86400
    error_message = "0 to 86400 seconds."
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
