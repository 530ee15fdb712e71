# What SCF does with an event that no person waits for: how often it runs a function again that raised, and how long
# it keeps an event that finds no room. Losing one loses no verification: every unfinished one has a due time in the
# database, and sweep finds it.
resource "tencentcloud_scf_function_event_invoke_config" "function" {
  for_each = module.wiring.retries

  function_name = tencentcloud_scf_function.function[each.key].name
  namespace     = "default"

  async_trigger_config {
    msg_ttl = each.value.retention_seconds

    retry_config {
      retry_num = each.value.retries
    }
  }
}
