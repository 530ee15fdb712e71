# What functions.json means, without a resource and without a provider: plain data in, plain data out, so that it
# can be evaluated where neither the provider nor an account is (tests/infra/tencent).

terraform {
  required_version = ">= 1.11.0"
}

variable "values" {
  type        = map(string)
  description = "What stands for each name in braces of functions.json, and every setting of the functions."
}

variable "account" {
  type        = object({ region = string, app_id = string, uin = string, creator_uin = string })
  description = "Whose resources the permissions name."
}

variable "secret_names" {
  type        = map(string)
  description = "Secret (as functions.json calls it) to its name in SSM."
}

variable "invoke_any_function" {
  type        = bool
  description = "Whether invoking is allowed on every function of the account instead of on the steps."
}

variable "bucket_tls_only" {
  type        = bool
  description = "Whether the bucket refuses plain http."
}

locals {
  file = "${path.module}/../functions.json"
  # Keys and permissions come from the file as it is: they are known while an address is still to be created.
  data = jsondecode(file(local.file))
  # A value has its own place in the file, or it becomes a setting under its own name. What the file writes goes before.
  placed = [for name in regexall("\\$\\{(\\w+)\\}", file(local.file)) : name[0]]
  settings = {
    for name, value in var.values : "${local.data.settings_prefix}${upper(name)}" => value
    if !contains(local.placed, name)
  }
  environment = merge(local.settings, jsondecode(templatefile(local.file, var.values)).environment)

  prefix = var.values.function_prefix
  bucket = var.values.bucket
  # The functions that answer requests which another function hands on to them.
  forwarded = flatten([for each in local.data.functions : try(each.forwards, [])])
  # The functions that steps start: those that no person and no clock starts.
  steps = [
    for name, each in local.data.functions : name
    if alltrue([for trigger in each.triggers : !contains(["http", "timer"], trigger.type)]) && !contains(local.forwarded, name)
  ]

  functions = {
    for name, each in local.data.functions : name => {
      name            = "${local.prefix}${name}"
      description     = each.description
      memory_mb       = each.memory_mb
      timeout_seconds = each.timeout_seconds
    }
  }

  triggers = merge([
    for name, each in local.data.functions : {
      for trigger in each.triggers : "${name}-${trigger.type}" => {
        function = name
        type     = trigger.type
        # SCF wants the bucket's own domain here.
        name = {
          http  = null
          timer = try(trigger.name, null)
          cos   = "${local.bucket}.cos.${var.account.region}.myqcloud.com"
        }[trigger.type]
        description = {
          # The functions ask for an API key themselves; servers call it, so browsers need no permission.
          http = jsonencode({
            ApiGwCompatible = false
            AuthType        = "NONE"
            CorsConfig      = { Enable = false }
            NetConfig       = { EnableExtranet = true, EnableIntranet = false }
          })
          timer = try(trigger.cron, null)
          # One event only: SCF names a bucket's trigger after the bucket.
          cos = try(jsonencode({ event = one(trigger.events), filter = { Prefix = trigger.prefix } }), null)
        }[trigger.type]
      }
    }
  ]...)

  retries = {
    for name, each in local.data.functions : name => {
      retries           = each.retries
      retention_seconds = each.retention_seconds
    } if can(each.retries)
  }

  bucket_resource = "qcs::cos:${var.account.region}:uid/${var.account.app_id}:${local.bucket}"
  refused         = jsondecode(templatefile("${path.module}/../bucket_policy.json", { bucket_resource = local.bucket_resource }))
  scf_resource    = "qcs::scf:${var.account.region}:uin/${var.account.uin}:namespace/default/function"
  ssm_resource    = "qcs::ssm:${var.account.region}:uin/${var.account.uin}:secret/creatorUin/${var.account.creator_uin}"

  statements = {
    for name, each in local.data.functions : name => concat(
      [
        for prefix, actions in each.bucket : {
          effect   = "allow"
          action   = [for action in actions : "name/cos:${action}"]
          resource = ["${local.bucket_resource}/${prefix}*"]
        }
      ],
      length(each.secrets) == 0 ? [] : [{
        effect   = "allow"
        action   = ["name/ssm:GetSecretValue"]
        resource = [for secret in each.secrets : "${local.ssm_resource}/${var.secret_names[secret]}"]
      }],
      !each.invokes ? [] : [{
        effect = "allow"
        action = ["name/scf:InvokeFunction"]
        resource = var.invoke_any_function ? ["*"] : [
          for other in concat(local.steps, try(each.forwards, [])) : "${local.scf_resource}/${local.prefix}${other}"
        ]
      }],
    )
  }
}

output "runtime" {
  description = "Runtime of every function."
  value       = local.data.runtime
}

output "handler" {
  description = "Handler of every function."
  value       = local.data.handler
}

output "environment" {
  description = "Environment of every function. SCF takes no empty value: what is empty is left out, and is empty then."
  value       = { for name, value in local.environment : name => value if value != "" }
}

output "functions" {
  description = "Function to its deployed name, description, memory and timeout."
  value       = local.functions
}

output "triggers" {
  description = "Trigger to its function, type, name and description (SCF's JSON)."
  value       = local.triggers
}

output "retries" {
  description = "Function to what SCF does with an event that failed."
  value       = local.retries
}

output "policies" {
  description = "Function to what its role may do (CAM's JSON)."
  value       = { for name, each in local.statements : name => jsonencode({ version = "2.0", statement = each }) }
}

output "bucket_policy" {
  description = "What the bucket refuses, whoever signed (COS's JSON)."
  value = jsonencode({
    version   = "2.0"
    Statement = concat([for each in local.refused.tls : each if var.bucket_tls_only], local.refused.uploads)
  })
}
