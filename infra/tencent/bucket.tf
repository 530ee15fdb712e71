locals {
  # What the bucket deletes by itself, and after which days: the same on both clouds.
  retention = jsondecode(file("${path.module}/../retention.json")).rules
  expire_days = {
    uploadsExpireDays  = var.uploads_expire_days
    evidenceExpireDays = var.evidence_expire_days
  }
}

# Uploads and evidence. The bucket refuses what the signed URL does not allow, and tells verify_upload what came.
resource "tencentcloud_cos_bucket" "bucket" {
  bucket = local.bucket
  acl    = "private"
  # Never enabled, not even for a day: COS ignores x-cos-forbid-overwrite in a bucket that ever had versions.
  versioning_enable    = false
  encryption_algorithm = "AES256"
  force_clean          = false

  dynamic "lifecycle_rules" {
    for_each = local.retention

    content {
      id            = lifecycle_rules.value.id
      filter_prefix = lifecycle_rules.value.prefix

      expiration {
        days = lookup(var.evidence_expire_days_of, coalesce(lifecycle_rules.value.decision, "none"), local.expire_days[lifecycle_rules.value.param])
      }
    }
  }

  lifecycle_rules {
    id            = "unfinished-multipart-uploads"
    filter_prefix = ""

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  dynamic "cors_rules" {
    for_each = var.cors_origins == "" ? [] : [split(",", var.cors_origins)]

    content {
      allowed_origins = cors_rules.value
      allowed_methods = ["PUT"]
      # Exactly the headers that an upload URL signs.
      allowed_headers = ["Content-MD5", "Content-Length", "Content-Type", "x-cos-forbid-overwrite"]
      max_age_seconds = 3600
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

# What is refused, whoever signed (bucket_policy.json). What no condition can name (SSE-C, copy-source,
# sub-resources) is refused by the strict signature: docs/deploy-tencent.md.
resource "tencentcloud_cos_bucket_policy" "bucket" {
  bucket = tencentcloud_cos_bucket.bucket.id
  policy = module.wiring.bucket_policy
}
