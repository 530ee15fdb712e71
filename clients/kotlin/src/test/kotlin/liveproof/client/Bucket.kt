package liveproof.client

import java.util.concurrent.TimeUnit
import kotlinx.coroutines.runBlocking
import mockwebserver3.MockResponse
import mockwebserver3.MockWebServer
import okhttp3.OkHttpClient
import okio.ByteString.Companion.toByteString
import org.junit.jupiter.api.assertThrows

/** A bucket that gives the answers it was told to, and an uploader whose pauses take no time. */
internal class Bucket(http: OkHttpClient = OkHttpClient(), attempts: Int = 4) : AutoCloseable {
    val server = MockWebServer().apply { start() }
    val pauses = mutableListOf<Long>()
    var seconds = 0L
    val uploader = Uploader(
        http,
        totalSeconds = 30,
        maxAttempts = attempts,
        pause = { pauses.add(it) },
        nanoTime = { TimeUnit.SECONDS.toNanos(seconds) },
    )

    fun upload(file: ByteArray = FILE, path: String = "uploads/a%2Fb?X-Amz-Signature=1") = Upload(
        server.url("/").toString() + path,
        mapOf(
            "Content-MD5" to file.toByteString().md5().base64(),
            "Content-Length" to file.size.toString(),
            "Content-Type" to "image/jpeg",
            "If-None-Match" to "*",
        ),
    )

    fun send(
        upload: Upload = upload(),
        source: UploadSource = UploadSource.of(FILE),
        renew: (suspend () -> Upload?)? = null,
        confirm: (suspend () -> Boolean)? = null,
    ): UploadResult = runBlocking { uploader.upload(upload, source, renew, confirm) }

    inline fun <reified E : UploadException> refusal(
        source: UploadSource = UploadSource.of(FILE),
        noinline renew: (suspend () -> Upload?)? = null,
        noinline confirm: (suspend () -> Boolean)? = null,
    ): E = assertThrows<E> { send(source = source, renew = renew, confirm = confirm) }

    override fun close() = server.close()

    companion object {
        /** Of more than one part. */
        val FILE = ByteArray(150_000) { (it % 251).toByte() }
    }
}

internal fun answer(status: Int, code: String? = null, message: String = "", cos: Boolean = false) =
    MockResponse.Builder()
        .code(status)
        .body(code?.let { "<Error><Code>$it</Code><Message>$message</Message></Error>" }.orEmpty())
        .apply { if (cos) addHeader("x-cos-request-id", "NjQ") }
        .build()
