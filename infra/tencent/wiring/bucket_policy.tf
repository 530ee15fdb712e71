# Whoever does not come over TLS is refused, and an upload with a header that no upload URL asks for.
#
# An upload URL signs every header that it asks for, and COS takes others beside them. With these its holder could
# publish the file, give it to another account, or store it where it cannot be read. No upload of ours has them.

variable "bucket_tls_only" {
  type        = bool
  description = "Whether the bucket refuses plain http."
}

locals {
  everybody = { qcs = ["qcs::cam::anyone:anyone"] }

  refused_headers = [
    "x-cos-acl",
    "x-cos-grant-read",
    "x-cos-grant-write",
    "x-cos-grant-read-acp",
    "x-cos-grant-write-acp",
    "x-cos-grant-full-control",
    "x-cos-storage-class",
  ]

  tls_only = {
    Effect    = "deny"
    Principal = local.everybody
    Action    = ["name/cos:*"]
    Resource  = ["${local.bucket_resource}/*"]
    Condition = { bool_equal = { "cos:secure-transport" = "false" } }
  }
}

output "bucket_policy" {
  description = "What the bucket refuses, whoever signed (COS's JSON)."
  # In the capitals in which COS answers (436/8276): the provider compares the text, letter by letter.
  value = jsonencode({
    version = "2.0"
    Statement = concat(
      [for each in [local.tls_only] : each if var.bucket_tls_only],
      # One statement each: COS joins the keys of one condition by "and". Without the header there is nothing that is
      # like "*", so the others are not refused.
      [for header in local.refused_headers : {
        Effect    = "deny"
        Principal = local.everybody
        Action    = ["name/cos:PutObject"]
        Resource  = ["${local.bucket_resource}/uploads/*"]
        Condition = { string_like = { "cos:${header}" = "*" } }
      }],
    )
  })
}
