# Names, and what stands for the names in braces of functions.json.

locals {
  prefix      = "liveproof-${var.stage}"
  bucket      = "${coalesce(var.bucket_name, local.prefix)}-${var.app_id}"
  creator_uin = coalesce(var.deployer_uin, var.uin)
  packages    = jsondecode(file("${path.module}/${var.packages}"))
  database    = "liveproof"

  secret_names = {
    api_keys    = "${local.prefix}-api-keys"
    webhooks    = "${local.prefix}-webhooks"
    vendor_key  = "${local.prefix}-vendor-key"
    senseid_key = "${local.prefix}-senseid-key"
    database    = "${local.prefix}-database"
  }
}

module "wiring" {
  source = "./wiring"

  account = {
    region      = var.region
    app_id      = var.app_id
    uin         = var.uin
    creator_uin = local.creator_uin
  }
  secret_names        = local.secret_names
  invoke_any_function = var.invoke_any_function
  bucket_tls_only     = var.bucket_tls_only

  values = {
    region                      = var.region
    vendor_region               = var.vendor_region
    allow_distant_vendor_region = var.allow_distant_vendor_region
    vendor_files                = var.vendor_files
    vendor_endpoint             = var.vendor_endpoint
    iai_endpoint                = var.iai_endpoint
    senseid_url                 = var.senseid_url
    video_api                   = var.video_api
    best_frames                 = var.best_frames
    bucket                      = local.bucket
    database_url                = "mysql://${local.database_address.ip}:${local.database_address.port}/${local.database}"
    database_secret             = "${local.secret_names.database}:${var.database_secret_version}"
    function_prefix             = "${local.prefix}-"
    cos_endpoint                = var.cos_endpoint
    ssm_endpoint                = var.ssm_endpoint
    scf_endpoint                = var.scf_endpoint
    api_keys_secret             = "${local.secret_names.api_keys}:${var.api_keys_secret_version}"
    webhooks_secret             = "${local.secret_names.webhooks}:${var.webhooks_secret_version}"
    vendor_key_secret           = "${local.secret_names.vendor_key}:${var.vendor_key_secret_version}"
    senseid_key_secret          = "${local.secret_names.senseid_key}:${var.senseid_key_secret_version}"
    secrets_lifetime            = var.secrets_lifetime
    unknown_outcome             = var.unknown_outcome
    call_timeout                = var.call_timeout
    reflect_calls_per_second    = var.reflect_calls_per_second
    video_calls_per_second      = var.video_calls_per_second
    photo_calls_per_second      = var.photo_calls_per_second
    silent_calls_per_second     = var.silent_calls_per_second
    upload_urls_per_second      = var.upload_urls_per_second
    webhook_addresses           = var.webhook_addresses
    image_max_bytes             = var.image_max_bytes
    live_data_max_bytes         = var.live_data_max_bytes
    silent_video_max_bytes      = var.silent_video_max_bytes
    record_days                 = var.record_days
    log_level                   = var.log_level
  }
}
