# Names, and the values of the functions' settings.

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

  # Settings that no variable holds; all others are in local.settings (variables_settings.tf).
  derived = {
    bucket             = local.bucket
    database_url       = "mysql://${local.database_address.ip}:${local.database_address.port}/${local.database}"
    database_secret    = "${local.secret_names.database}:${var.database_secret_version}"
    function_prefix    = "${local.prefix}-"
    api_keys_secret    = "${local.secret_names.api_keys}:${var.api_keys_secret_version}"
    webhooks_secret    = "${local.secret_names.webhooks}:${var.webhooks_secret_version}"
    vendor_key_secret  = "${local.secret_names.vendor_key}:${var.vendor_key_secret_version}"
    senseid_key_secret = "${local.secret_names.senseid_key}:${var.senseid_key_secret_version}"
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

  # Every value but log_level becomes a setting of the functions (functions.json).
  values = merge(local.settings, local.derived, { log_level = var.log_level })
}
