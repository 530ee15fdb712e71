# Four secrets are created without a value: an operator puts it as the version that the variable *_secret_version names
# (tccli ssm PutSecretValue), and no deployment ever touches or sees it. Until then the functions refuse to work and
# say which secret is missing. A new value is a new version: put it, then apply with its name.
#
# They have no secret_string_wo here on purpose. Provider 1.83.25 reads every version of a
# tencentcloud_ssm_secret_version_v2 back, so that the value would be in plans and in the state after all, and each
# apply would write the value of that day again.
resource "tencentcloud_ssm_secret" "secret" {
  for_each = {
    api_keys    = "api-keys. Clients and the SHA-256 of their API keys: {\"clients\": {\"<client>\": {\"keys_sha256\": [\"<hex>\"]}}}"
    webhooks    = "webhooks. Webhook endpoints: {\"endpoints\": {\"<client>\": {\"url\": \"https://...\", \"secrets\": [\"whsec_...\"]}}}"
    vendor_key  = "vendor-key. The API key of the vendor: {\"secret_id\": \"...\", \"secret_key\": \"...\"}, optional \"token\""
    senseid_key = "senseid-key. Only for the check silent. SenseID's encryption: {\"key\": \"<32 characters>\", \"iv\": \"<12 characters>\"}"
    database    = "database. Written by Terraform: {\"user\": \"...\", \"password\": \"...\", \"ca\": \"...\"}"
  }

  secret_name = local.secret_names[each.key]
  description = each.value
  is_enabled  = true
  # A secret that was deleted by mistake can be restored for this long.
  recovery_window_in_days = 7

  # SSM keeps a deleted secret's name for as long, so a replacement could not be made. Terraform would try, for a secret
  # that a failed apply has left tainted.
  lifecycle {
    prevent_destroy = true
  }
}

# In Terraform's state: the login. Its password is there anyway, as an argument of the account.
resource "tencentcloud_ssm_secret_version_v2" "database" {
  secret_name = tencentcloud_ssm_secret.secret["database"].secret_name
  version_id  = var.database_secret_version
  secret_string = jsonencode(merge(
    {
      user     = tencentcloud_cynosdb_account.functions.account_name
      password = tencentcloud_cynosdb_account.functions.account_password
    },
    var.database_ca == "" ? {} : { ca = var.database_ca },
  ))

  # The functions read the version that they know until they know the new one.
  lifecycle {
    create_before_destroy = true
  }
}
