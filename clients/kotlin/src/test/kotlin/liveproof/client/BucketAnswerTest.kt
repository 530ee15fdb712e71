package liveproof.client

import liveproof.client.UploadException.BytesAltered
import liveproof.client.UploadException.HeadersChanged
import liveproof.client.UploadException.StorageRefused
import liveproof.client.UploadException.StorageUnavailable
import liveproof.client.UploadException.UrlExpired
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class BucketAnswerTest {
    private fun error(status: Int, code: String?, message: String = "", cos: Boolean = false) =
        when (val verdict = BucketAnswer(status, code, message, cos).verdict()) {
            is Verdict.Failed -> verdict.error
            is Verdict.Retry -> verdict.error
            is Verdict.NeedsFreshUrl -> verdict.withoutFresh
            else -> throw AssertionError(verdict)
        }::class

    @Test
    fun `the answers of both buckets have their meaning`() {
        val both = listOf(
            error(400, "BadDigest") to BytesAltered::class,
            error(400, "InvalidDigest") to HeadersChanged::class,
            error(411, "MissingContentLength") to HeadersChanged::class,
            error(403, "SignatureDoesNotMatch") to HeadersChanged::class,
            error(400, "IncompleteBody") to StorageUnavailable::class,
            error(400, "ExpiredToken") to UrlExpired::class,
            error(404, "NoSuchBucket") to StorageRefused::class,
        )
        val s3 = listOf(
            error(400, "InvalidArgument", "Only one auth mechanism allowed") to HeadersChanged::class,
            error(403, "AccessDenied", "There were headers present in the request which were not signed")
                to HeadersChanged::class,
            error(403, "AccessDenied", "Access Denied") to StorageRefused::class,
            error(400, "RequestTimeout") to StorageUnavailable::class,
        )
        val cos = listOf(
            error(403, "AccessDenied", "strict signature missing header x-cos-acl", true)
                to HeadersChanged::class,
            error(409, "PathConflict", cos = true) to StorageUnavailable::class,
            error(403, "AccessDenied", "Access Denied.", true) to UrlExpired::class,
            error(400, "EntitySizeNotMatch", cos = true) to StorageUnavailable::class,
        )
        for ((actual, expected) in both + s3 + cos) assertEquals(expected, actual)
    }
}
