# One role per function: what its code asks for, on the things it asks for, and nothing else (functions.json).
#
# Writing logs, writing the bucket's notification and entering the network are done by SCF itself, with the account's
# role SCF_QcsRole (policy QcloudAccessForScfRole), which the console creates when SCF is opened for the first time.
# A function's role needs none of it.
#
# CAM's names hold for the whole account, in every region: so they end with the region, and a stage may have the same
# name in two of them.
resource "tencentcloud_cam_role" "function" {
  for_each = module.wiring.functions

  name          = "${each.value.name}-${var.region}"
  description   = each.value.description
  console_login = false
  document = jsonencode({
    version = "2.0"
    statement = [{
      effect    = "allow"
      action    = ["name/sts:AssumeRole"]
      principal = { service = ["scf.qcloud.com"] }
    }]
  })
}

resource "tencentcloud_cam_policy" "function" {
  for_each = module.wiring.policies

  name        = "${module.wiring.functions[each.key].name}-${var.region}"
  description = module.wiring.functions[each.key].description
  document    = each.value
}

resource "tencentcloud_cam_role_policy_attachment" "function" {
  for_each = module.wiring.policies

  role_id   = tencentcloud_cam_role.function[each.key].id
  policy_id = tencentcloud_cam_policy.function[each.key].id
}
