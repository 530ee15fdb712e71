terraform {
  # 1.11: write-only arguments, which the provider's newer resources use.
  required_version = ">= 1.11.0"

  required_providers {
    tencentcloud = {
      source = "tencentcloudstack/tencentcloud"
      # The schema that tests/infra/tencent checks these files against is of 1.83.25.
      version = "~> 1.83.25"
    }
  }
}

# Keys: TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY in the environment of Terraform, nowhere else.
provider "tencentcloud" {
  region = var.region
}
