package liveproof.client

import java.io.IOException
import okhttp3.Response

/** More of an answer is not read: the answers of both buckets are shorter. */
private const val MAX_ANSWER_BYTES = 64L * 1024

private val CODE = Regex("<Code>([A-Za-z0-9_.-]{1,100})</Code>")
private val MESSAGE = Regex("<Message>([^<]{0,1000})</Message>")

/** What follows from an answer of the bucket. */
internal sealed class Verdict {
    object Stored : Verdict()

    /** An earlier attempt had stored the file. */
    data class AlreadyStored(val status: Int, val storageCode: String?) : Verdict()

    /** The same request may succeed later; if not, `error` says why. */
    data class Retry(val error: UploadException) : Verdict()

    /** Another URL may succeed; if none is to be had, or a fresh one is refused too, the errors. */
    data class NeedsFreshUrl(val withoutFresh: UploadException, val whenFresh: UploadException) :
        Verdict()

    data class Failed(val error: UploadException) : Verdict()
}

/**
 * S3's and COS's answer to the PUT of a presigned URL.
 *
 * docs/upload-answers.md has the same table for people. It goes by the code, and by the status where
 * the body of an answer is lost.
 */
internal class BucketAnswer(
    private val status: Int,
    private val code: String?,
    private val message: String,
    private val isCos: Boolean,
) {
    fun verdict(): Verdict = when {
        status == 200 -> Verdict.Stored
        status == 412 || code == "FileAlreadyExists" -> Verdict.AlreadyStored(status, code)
        status == 409 || status == 408 || status == 429 || status >= 500 || code in BROKEN_OFF ->
            Verdict.Retry(UploadException.StorageUnavailable(status, code))
        code == "BadDigest" -> Verdict.Failed(UploadException.BytesAltered(status, code))
        code in CHANGED_REQUEST || isUnsigned() ->
            Verdict.Failed(UploadException.HeadersChanged(status, code))
        code == "RequestTimeTooSkewed" ->
            UploadException.ClockSkew(status, code).let { Verdict.NeedsFreshUrl(it, it) }
        isExpired() -> Verdict.NeedsFreshUrl(
            UploadException.UrlExpired(status, code),
            UploadException.ClockSkew(status, code),
        )
        // The temporary key that signed the URL may have expired before the URL.
        code in EXPIRED_KEY || isCos && status == 403 -> Verdict.NeedsFreshUrl(
            UploadException.UrlExpired(status, code),
            UploadException.StorageRefused(status, code),
        )
        else -> Verdict.Failed(UploadException.StorageRefused(status, code))
    }

    private fun isExpired() = status == 403 && message.contains("expired", ignoreCase = true)

    private fun isUnsigned() =
        code == "InvalidArgument" && message.contains("auth mechanism", ignoreCase = true) ||
            code == "AccessDenied" && UNSIGNED.containsMatchIn(message)

    companion object {
        private val BROKEN_OFF = setOf("IncompleteBody", "RequestTimeout", "EntitySizeNotMatch")
        private val CHANGED_REQUEST = setOf(
            "SignatureDoesNotMatch", "InvalidDigest", "MissingContentLength",
        )
        private val UNSIGNED = Regex("not signed|strict signature", RegexOption.IGNORE_CASE)
        private val EXPIRED_KEY = setOf("ExpiredToken", "InvalidToken")

        /** Reads a response and closes it. IOException if the network breaks before its end. */
        fun of(response: Response): BucketAnswer = response.use {
            val source = it.body.source()
            source.request(MAX_ANSWER_BYTES)
            val text = source.buffer.readUtf8(minOf(source.buffer.size, MAX_ANSWER_BYTES))
            BucketAnswer(
                it.code,
                CODE.find(text)?.groupValues?.get(1),
                MESSAGE.find(text)?.groupValues?.get(1).orEmpty(),
                it.header("x-cos-request-id") != null,
            )
        }
    }
}
