output "url" {
  description = "The HTTP API's address."
  value       = jsondecode(tencentcloud_scf_trigger.trigger["api-http"].trigger_attribute).NetConfig.ExtranetUrl
}

output "region" {
  description = "Where it runs."
  value       = var.region
}

output "bucket" {
  description = "The bucket's full name."
  value       = tencentcloud_cos_bucket.bucket.bucket
}

output "functions" {
  description = "Function to its deployed name."
  value       = { for name, each in tencentcloud_scf_function.function : name => each.name }
}

output "secrets" {
  description = "The secrets that wait for an operator's value, and under which version the functions look for it."
  value = {
    api_keys    = "${local.secret_names.api_keys}:${var.api_keys_secret_version}"
    webhooks    = "${local.secret_names.webhooks}:${var.webhooks_secret_version}"
    vendor_key  = "${local.secret_names.vendor_key}:${var.vendor_key_secret_version}"
    senseid_key = "${local.secret_names.senseid_key}:${var.senseid_key_secret_version}"
  }
}

output "database_url" {
  description = "The database's address, inside the network, and its name."
  value       = local.derived.database_url
}

output "database_ca_url" {
  description = "Where the certificate for database_ca is downloaded."
  value       = tencentcloud_cynosdb_ssl.database.download_url
}

output "log_topic" {
  description = "The functions' log topic in CLS."
  value       = tencentcloud_cls_topic.functions.id
}
