resource "tencentcloud_scf_trigger" "trigger" {
  for_each = module.wiring.triggers

  function_name = tencentcloud_scf_function.function[each.value.function].name
  namespace     = "default"
  qualifier     = "$LATEST"
  type          = each.value.type
  # The COS trigger's must be <bucket>.cos.<region>.myqcloud.com; a function URL must have none.
  trigger_name = each.value.name
  trigger_desc = each.value.description
  enable       = "OPEN"

  # A bucket must be there, and must have its policy, before SCF writes its notification into it.
  depends_on = [tencentcloud_cos_bucket.bucket, tencentcloud_cos_bucket_policy.bucket]
}
