# Written by `make docs` from layers/liveproof/settings.py: do not edit.

variable "attempts_per_reference_per_day" {
  type        = number
  description = "How many verifications a client may create for one `reference` on one day (UTC). The next one is refused: 429 `too_many_attempts`. 0: no limit. See limits, also for the next settings."
  default     = 0

  validation {
    condition     = var.attempts_per_reference_per_day >= 0 && var.attempts_per_reference_per_day <= 1000000 && floor(var.attempts_per_reference_per_day) == var.attempts_per_reference_per_day
    error_message = "A whole number from 0 to 1000000."
  }
}

variable "attempts_per_client_per_day" {
  type        = number
  description = "How many verifications a client may create on one day (UTC). The next one is refused: 429 `too_many_attempts`. 0: no limit."
  default     = 0

  validation {
    condition     = var.attempts_per_client_per_day >= 0 && var.attempts_per_client_per_day <= 100000000 && floor(var.attempts_per_client_per_day) == var.attempts_per_client_per_day
    error_message = "A whole number from 0 to 100000000."
  }
}

variable "open_verifications_per_client" {
  type        = number
  description = "How many verifications of one client and one day (UTC) may be undecided at the same time. The next one is refused: 429 `too_many_open`. 0: no limit."
  default     = 0

  validation {
    condition     = var.open_verifications_per_client >= 0 && var.open_verifications_per_client <= 10000000 && floor(var.open_verifications_per_client) == var.open_verifications_per_client
    error_message = "A whole number from 0 to 10000000."
  }
}

variable "rejected_files_hours" {
  type        = number
  description = "For how many hours the files of a rejected verification are remembered, as a keyed digest. The same files with the same `reference` are refused meanwhile: 429 `files_already_rejected`. Never longer than `record_retention_days`. 0: not at all."
  default     = 0

  validation {
    condition     = var.rejected_files_hours >= 0 && var.rejected_files_hours <= 8760 && floor(var.rejected_files_hours) == var.rejected_files_hours
    error_message = "A whole number from 0 to 8760."
  }
}

variable "spend_warning_percent" {
  type        = number
  description = "At this part of `daily_spend` and of `daily_spend_per_client` the metric `SpendWarning` counts one."
  default     = 80

  validation {
    condition     = var.spend_warning_percent >= 1 && var.spend_warning_percent <= 100 && floor(var.spend_warning_percent) == var.spend_warning_percent
    error_message = "A whole number from 1 to 100."
  }
}

variable "prices" {
  type        = map(number)
  description = "What a billed call of an API costs, in one currency of your choice: `{\"VideoLivenessCompare\": 0.1}`. The limits of spend need them; no page of the vendor's names them. 0: nothing, or not known."
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.prices), ["DetectReflectLivenessAndCompare", "VideoLivenessCompare", "LivenessCompare", "CompareFaceLiveness", "DetectLiveFaceAccurate", "/identity/silent_image_verification/stateless"])) == 0
    error_message = "The names are DetectReflectLivenessAndCompare, VideoLivenessCompare, LivenessCompare, CompareFaceLiveness, DetectLiveFaceAccurate and /identity/silent_image_verification/stateless."
  }
  validation {
    condition     = alltrue([for number in values(var.prices) : number >= 0 && number <= 1000000000])
    error_message = "Each: a number from 0 to 1000000000."
  }
}

variable "allow_distant_vendor_region" {
  type        = bool
  description = "`true` takes any `vendor_region`: the files then travel to another place, and perhaps under other laws."
  default     = false
}

variable "video_api" {
  type        = string
  description = "Which API answers `video`. LivenessCompare is the legacy one."
  default     = "VideoLivenessCompare"

  validation {
    condition     = contains(["VideoLivenessCompare", "LivenessCompare", "CompareFaceLiveness"], var.video_api)
    error_message = "VideoLivenessCompare, LivenessCompare or CompareFaceLiveness."
  }
}

variable "best_frame_count" {
  type        = number
  description = "Frames asked of LivenessCompare as evidence."
  default     = 1

  validation {
    condition     = var.best_frame_count >= 1 && var.best_frame_count <= 10 && floor(var.best_frame_count) == var.best_frame_count
    error_message = "A whole number from 1 to 10."
  }
}

variable "secrets_cache_seconds" {
  type        = number
  description = "How long a function keeps a secret that it has read."
  default     = 300

  validation {
    condition     = var.secrets_cache_seconds >= 0 && var.secrets_cache_seconds <= 86400 && floor(var.secrets_cache_seconds) == var.secrets_cache_seconds
    error_message = "A whole number from 0 to 86400."
  }
}

variable "unknown_outcome" {
  type        = string
  description = "What follows a paid call whose outcome is unknown: `repeat_once` makes one more call and records it, `hold` waits for an operator."
  default     = "repeat_once"

  validation {
    condition     = contains(["repeat_once", "hold"], var.unknown_outcome)
    error_message = "repeat_once or hold."
  }
}

variable "calls_per_second" {
  type        = map(number)
  description = "The rate at which the paid API of a check is called, by the whole deployment: `{\"reflect\": 9}` changes that of `reflect`. Name the vendor's limit of your account: liveproof keeps to it, and slows down by itself where others use the account. The defaults are the published limits, on the page of the checks; SenseID publishes none, so the rate of `silent` is what your service can bear."
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.calls_per_second), ["reflect", "video", "photo", "silent"])) == 0
    error_message = "The names are reflect, video, photo and silent."
  }
  validation {
    condition     = alltrue([for number in values(var.calls_per_second) : number > 0 && number <= 1000])
    error_message = "Each: above 0, at most 1000."
  }
}

variable "upload_urls_per_second" {
  type        = number
  description = "The rate at which CreateUploadUrl is called: for light sequences and for files that are relayed (with `file_transfer` = `bucket` only LivenessCompare's large ones). The default is the vendor's limit."
  default     = 20

  validation {
    condition     = var.upload_urls_per_second > 0 && var.upload_urls_per_second <= 1000
    error_message = "Above 0, at most 1000."
  }
}

variable "webhook_attempts_in_flight" {
  type        = number
  description = "Attempts that are made at the same time to one client's endpoint, if it accepted the last one; otherwise one at a time. Far fewer than deliveries are sent at once by the whole deployment, so that an endpoint that does not answer leaves room for the others."
  default     = 10

  validation {
    condition     = var.webhook_attempts_in_flight >= 1 && var.webhook_attempts_in_flight <= 50 && floor(var.webhook_attempts_in_flight) == var.webhook_attempts_in_flight
    error_message = "A whole number from 1 to 50."
  }
}

variable "webhook_pause_after_seconds" {
  type        = number
  description = "An endpoint at which every attempt has failed for so long is paused: its deliveries wait, and one probe at a time finds out when it is back. A 410 pauses it at once."
  default     = 3600

  validation {
    condition     = var.webhook_pause_after_seconds >= 60 && var.webhook_pause_after_seconds <= 604800 && floor(var.webhook_pause_after_seconds) == var.webhook_pause_after_seconds
    error_message = "A whole number from 60 to 604800."
  }
}

variable "webhook_turns_per_second" {
  type        = number
  description = "The rate at which the deliveries that waited for one client's endpoint are sent when it is back. One that comes up within half a minute waits in its function, so a higher rate needs more of `reserved_concurrency_mb` for `deliver_result`."
  default     = 1

  validation {
    condition     = var.webhook_turns_per_second > 0 && var.webhook_turns_per_second <= 1000
    error_message = "Above 0, at most 1000."
  }
}

variable "max_bytes" {
  type        = map(number)
  description = "The largest file of an input for which the vendor documents no number (unconfirmed): `{\"reflect.image\": 5242880}`. A larger one is refused before any call. The defaults are on the page of the checks."
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.max_bytes), ["reflect.live_data", "reflect.image", "silent.video"])) == 0
    error_message = "The names are reflect.live_data, reflect.image and silent.video."
  }
  validation {
    condition     = alltrue([for number in values(var.max_bytes) : number >= 1 && number <= 104857600 && floor(number) == number])
    error_message = "Each: a whole number from 1 to 104857600."
  }
}

variable "require_consent" {
  type        = bool
  description = "`true` refuses a verification without `consent_reference`, the client's own reference to the person's consent."
  default     = false
}

variable "record_retention_days" {
  type        = number
  description = "Days from its creation after which a finished verification's record is deleted."
  default     = 365

  validation {
    condition     = var.record_retention_days >= 1 && var.record_retention_days <= 3650 && floor(var.record_retention_days) == var.record_retention_days
    error_message = "A whole number from 1 to 3650."
  }
}

variable "usual_run_seconds" {
  type        = map(number)
  description = "How long a run of a check usually takes: bringing the files to the vendor, the wait for the call's slot, the call. With the calls per second it says how many run at once; the others wait in the database and cost nothing. Raise it if your vendor's answers take longer."
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.usual_run_seconds), ["reflect", "video", "photo", "silent"])) == 0
    error_message = "The names are reflect, video, photo and silent."
  }
  validation {
    condition     = alltrue([for number in values(var.usual_run_seconds) : number > 0 && number <= 120])
    error_message = "Each: above 0, at most 120."
  }
}

locals {
  settings = {
    attempts_per_reference_per_day = var.attempts_per_reference_per_day
    attempts_per_client_per_day    = var.attempts_per_client_per_day
    open_verifications_per_client  = var.open_verifications_per_client
    rejected_files_hours           = var.rejected_files_hours
    daily_spend                    = var.daily_spend
    daily_spend_per_client         = var.daily_spend_per_client
    spend_warning_percent          = var.spend_warning_percent
    prices                         = jsonencode(var.prices)
    region                         = var.region
    vendor_region                  = var.vendor_region
    allow_distant_vendor_region    = var.allow_distant_vendor_region
    vendor_endpoint                = var.vendor_endpoint
    file_transfer                  = var.file_transfer
    iai_endpoint                   = var.iai_endpoint
    senseid_url                    = var.senseid_url
    video_api                      = var.video_api
    best_frame_count               = var.best_frame_count
    secrets_cache_seconds          = var.secrets_cache_seconds
    unknown_outcome                = var.unknown_outcome
    call_timeout_seconds           = var.call_timeout_seconds
    calls_per_second               = jsonencode(var.calls_per_second)
    upload_urls_per_second         = var.upload_urls_per_second
    webhook_address_policy         = var.webhook_address_policy
    webhook_attempts_in_flight     = var.webhook_attempts_in_flight
    webhook_pause_after_seconds    = var.webhook_pause_after_seconds
    webhook_turns_per_second       = var.webhook_turns_per_second
    metric_clients                 = var.metric_clients
    trace_endpoint                 = var.trace_endpoint
    trace_attributes               = var.trace_attributes
    max_bytes                      = jsonencode(var.max_bytes)
    require_consent                = var.require_consent
    record_retention_days          = var.record_retention_days
    cos_endpoint                   = var.cos_endpoint
    ssm_endpoint                   = var.ssm_endpoint
    scf_endpoint                   = var.scf_endpoint
    usual_run_seconds              = jsonencode(var.usual_run_seconds)
  }
}
