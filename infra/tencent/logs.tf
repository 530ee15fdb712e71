# One topic for every function.
#
# SCF logs what an Event function returns, and that cannot be switched off: upload URLs that `api` returns are in this
# topic. Each can only write the bytes that its MD5 names, once, for fifteen minutes; still, let nobody read the topic
# who need not.
resource "tencentcloud_cls_logset" "logs" {
  logset_name = local.prefix
}

resource "tencentcloud_cls_topic" "functions" {
  logset_id            = tencentcloud_cls_logset.logs.id
  topic_name           = "${local.prefix}-functions"
  describes            = "What the functions log"
  period               = var.log_retention_days
  storage_type         = "hot"
  partition_count      = 1
  auto_split           = true
  max_split_partitions = 10
}

resource "tencentcloud_cls_index" "functions" {
  topic_id = tencentcloud_cls_topic.functions.id
  status   = true

  rule {
    # The alarms look for a metric's name as a word.
    full_text {
      case_sensitive = true
      contain_z_h    = false
      tokenizer      = "@&?|#()='\",;:<>[]{}/ \n\t\r\\"
    }

    key_value {
      case_sensitive = true

      dynamic "key_values" {
        for_each = ["SCF_FunctionName", "SCF_RequestId", "SCF_Type", "SCF_Level", "SCF_Message"]

        content {
          key = key_values.value

          value {
            type        = "text"
            contain_z_h = false
            sql_flag    = true
            tokenizer   = ""
          }
        }
      }
    }
  }
}
