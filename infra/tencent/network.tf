# The network that functions and database share.
resource "tencentcloud_vpc" "network" {
  name       = local.prefix
  cidr_block = var.network_cidr

  lifecycle {
    prevent_destroy = true
  }
}

resource "tencentcloud_subnet" "functions" {
  vpc_id            = tencentcloud_vpc.network.id
  name              = "${local.prefix}-functions"
  cidr_block        = cidrsubnet(var.network_cidr, 24 - tonumber(split("/", var.network_cidr)[1]), 0)
  availability_zone = var.availability_zone

  lifecycle {
    prevent_destroy = true
  }
}

resource "tencentcloud_subnet" "database" {
  vpc_id            = tencentcloud_vpc.network.id
  name              = "${local.prefix}-database"
  cidr_block        = cidrsubnet(var.network_cidr, 24 - tonumber(split("/", var.network_cidr)[1]), 1)
  availability_zone = var.availability_zone

  lifecycle {
    prevent_destroy = true
  }
}

# A function on SCF has no security group, so its subnet, where nothing else is, stands for it.
resource "tencentcloud_security_group" "database" {
  name        = "${local.prefix}-database"
  description = "The database: reached by the functions, and reaching nobody"
}

resource "tencentcloud_security_group_rule_set" "database" {
  security_group_id = tencentcloud_security_group.database.id

  ingress {
    action      = "ACCEPT"
    protocol    = "TCP"
    port        = "3306"
    cidr_block  = tencentcloud_subnet.functions.cidr_block
    description = "MySQL from the functions"
  }

  ingress {
    action      = "DROP"
    protocol    = "ALL"
    port        = "ALL"
    cidr_block  = "0.0.0.0/0"
    description = "Nothing else"
  }

  egress {
    action      = "DROP"
    protocol    = "ALL"
    port        = "ALL"
    cidr_block  = "0.0.0.0/0"
    description = "The database begins no connection"
  }
}
