package liveproof.client

import java.io.IOException

/**
 * Why a file did not reach the bucket.
 *
 * No text here has the URL or a header's value, so it may be logged. A coroutine that is cancelled
 * throws [kotlinx.coroutines.CancellationException] and none of these.
 *
 * @property code the same word in every client of liveproof; for logs and metrics.
 * @property status of the bucket's last answer, if one arrived.
 * @property storageCode the `Code` of the bucket's XML, if there was one.
 */
public sealed class UploadException(
    public val code: String,
    message: String,
    public val status: Int? = null,
    public val storageCode: String? = null,
    cause: Throwable? = null,
) : IOException(message, cause) {

    /**
     * The bytes are not the declared ones: the file was compressed, rotated or written again after
     * its [fingerprint] was taken. Nothing was stored. Declare the file that you send, in a new
     * verification.
     */
    public class FileChanged internal constructor() :
        UploadException(
            "file_changed",
            "the file is not the one that was declared; declare it after its last change",
        )

    /** The declared bytes were sent and other bytes arrived: something on the way changes them. */
    public class BytesAltered internal constructor(status: Int, storageCode: String?) :
        UploadException(
            "bytes_altered",
            "the bucket got other bytes than those that were sent",
            status,
            storageCode,
        )

    /** The file cannot be read any more: it was deleted, or the permission for it was taken back. */
    public class FileUnreadable internal constructor(cause: Throwable) :
        UploadException("file_unreadable", "the file cannot be read", cause = cause)

    /** The upload's URL or headers cannot be sent: what your server gave to the app is no `uploads` entry. */
    public class InvalidUpload internal constructor(reason: String) :
        UploadException("invalid_upload", reason)

    /**
     * The bucket got another request than the one that was signed. Something on the way changed the
     * URL or a header, such as a proxy.
     */
    public class HeadersChanged internal constructor(status: Int, storageCode: String?) :
        UploadException(
            "headers_changed",
            "the bucket got other headers or another URL than those that were signed",
            status,
            storageCode,
        )

    /** The URL has expired, and there was no `renew` to get another, or it was used too often. */
    public class UrlExpired internal constructor(status: Int, storageCode: String?) :
        UploadException(
            "url_expired",
            "the upload URL has expired; ask for fresh URLs",
            status,
            storageCode,
        )

    /**
     * The bucket finds the time of a fresh URL wrong: the clock of the computer that signed the URL
     * is wrong. The phone's clock plays no part, since a presigned URL has the signer's time.
     */
    public class ClockSkew internal constructor(status: Int, storageCode: String?) :
        UploadException(
            "clock_skew",
            "the bucket finds the time of a fresh URL wrong",
            status,
            storageCode,
        )

    /**
     * The bucket refused for a reason that the client does not know; [status] and [storageCode] name
     * the reason. A redirect is one: it is not followed, since the file would go to an unknown host.
     */
    public class StorageRefused internal constructor(status: Int, storageCode: String?) :
        UploadException(
            "storage_refused",
            "the bucket answered $status ${storageCode ?: "without a code"}",
            status,
            storageCode,
        )

    /** Every attempt ended without an answer. */
    public class Network internal constructor(cause: IOException) :
        UploadException("network", "no attempt got an answer", cause = cause)

    /** Every attempt met a passing trouble of the bucket, such as 503. */
    public class StorageUnavailable internal constructor(status: Int, storageCode: String?) :
        UploadException(
            "storage_unavailable",
            "the bucket could not take the file: $status ${storageCode ?: "without a code"}",
            status,
            storageCode,
        )

    /** The time for the whole upload is over. */
    public class TimedOut internal constructor(seconds: Long) :
        UploadException("timed_out", "the upload did not end within $seconds seconds")

    /** The bucket says that the file is there, and `confirm` said that it has not arrived. */
    public class NotConfirmed internal constructor(status: Int?, storageCode: String?) :
        UploadException(
            "not_confirmed",
            "the bucket has the file, and liveproof has not seen it arrive",
            status,
            storageCode,
        )
}
