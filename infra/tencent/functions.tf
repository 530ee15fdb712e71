resource "tencentcloud_scf_function" "function" {
  for_each = module.wiring.functions

  name        = each.value.name
  description = each.value.description
  namespace   = "default"
  func_type   = "Event"
  # Named always: SCF's own default is Python 2.7.
  runtime  = module.wiring.runtime
  handler  = module.wiring.handler
  mem_size = each.value.memory_mb
  timeout  = each.value.timeout_seconds
  role     = tencentcloud_cam_role.function[each.key].name

  # Its name holds a hash of its content: the provider looks at the name only.
  zip_file = "${path.module}/${dirname(var.packages)}/${local.packages[each.key].zip}"

  # The database is in the network; the vendor, the webhooks, COS and SSM are on the public internet.
  vpc_id            = tencentcloud_vpc.network.id
  subnet_id         = tencentcloud_subnet.functions.id
  enable_public_net = true

  cls_logset_id = tencentcloud_cls_logset.logs.id
  cls_topic_id  = tencentcloud_cls_topic.functions.id

  environment = module.wiring.environment

  depends_on = [
    tencentcloud_cam_role_policy_attachment.function,
    tencentcloud_cynosdb_account_privileges.functions,
    tencentcloud_ssm_secret_version_v2.database,
  ]
}

# Both a limit and a guarantee, taken from the region's concurrency.
resource "tencentcloud_scf_reserved_concurrency_config" "function" {
  for_each = var.reserved_concurrency_mb

  function_name            = tencentcloud_scf_function.function[each.key].name
  namespace                = "default"
  reserved_concurrency_mem = each.value
}
