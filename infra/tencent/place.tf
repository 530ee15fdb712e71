# Where a deployment is cannot be changed: its bucket, database and network would have to be made anew. Another place is
# another stage with a state of its own. With another region the provider would look for everything there, find nothing,
# and plan a second deployment beside the first, so this comes before.
resource "terraform_data" "place" {
  triggers_replace = {
    region            = var.region
    app_id            = var.app_id
    stage             = var.stage
    bucket            = local.bucket
    availability_zone = var.availability_zone
    network_cidr      = var.network_cidr
  }

  lifecycle {
    prevent_destroy = true
  }
}
