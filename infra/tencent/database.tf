# Verifications, the quota's rows and idempotency keys: TDSQL-C for MySQL, serverless.
#
# In Terraform's state: both passwords below. Keep the state where only deployers read it, encrypted.
resource "tencentcloud_cynosdb_cluster" "database" {
  cluster_name   = local.prefix
  available_zone = var.availability_zone
  vpc_id         = tencentcloud_vpc.network.id
  subnet_id      = tencentcloud_subnet.database.id
  port           = 3306
  password       = var.database_root_password

  db_type    = "MYSQL"
  db_version = "8.0"
  db_mode    = "SERVERLESS"
  min_cpu    = var.database_min_cpu
  max_cpu    = var.database_max_cpu
  auto_pause = var.database_auto_pause
  # The provider's own default is two: a reader beside the writer, which nobody would read from.
  instance_count = 1

  rw_group_sg  = [tencentcloud_security_group.database.id]
  force_delete = false

  # The rules first: the database must not be reachable for a minute.
  depends_on = [tencentcloud_security_group_rule_set.database]

  lifecycle {
    prevent_destroy = true
  }
}

locals {
  database_address = tencentcloud_cynosdb_cluster.database.rw_group_addr[0]
}

# The functions take no database without it.
resource "tencentcloud_cynosdb_ssl" "database" {
  cluster_id  = tencentcloud_cynosdb_cluster.database.id
  instance_id = tencentcloud_cynosdb_cluster.database.instance_id
  status      = "ON"
}

resource "tencentcloud_cynosdb_cluster_transparent_encrypt" "database" {
  count = var.database_encryption ? 1 : 0

  cluster_id                = tencentcloud_cynosdb_cluster.database.id
  key_type                  = "cloud"
  is_open_global_encryption = true
}

resource "tencentcloud_cynosdb_cluster_databases" "database" {
  cluster_id    = tencentcloud_cynosdb_cluster.database.id
  db_name       = local.database
  character_set = "utf8mb4"
  collate_rule  = "utf8mb4_bin"
  description   = "liveproof"

  # Removing this drops the tables at once, before the cluster reaches the recycle bin.
  lifecycle {
    prevent_destroy = true
  }
}

resource "tencentcloud_cynosdb_account" "functions" {
  cluster_id       = tencentcloud_cynosdb_cluster.database.id
  account_name     = "liveproof"
  account_password = var.database_password
  # Who may connect is the security group's to say.
  host        = "%"
  description = "The functions"
}

resource "tencentcloud_cynosdb_account_privileges" "functions" {
  cluster_id        = tencentcloud_cynosdb_cluster.database.id
  account_name      = tencentcloud_cynosdb_account.functions.account_name
  host              = tencentcloud_cynosdb_account.functions.host
  global_privileges = []

  database_privileges {
    db = tencentcloud_cynosdb_cluster_databases.database.db_name
    # The first four are work's, the others the migrations'.
    privileges = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX"]
  }
}
