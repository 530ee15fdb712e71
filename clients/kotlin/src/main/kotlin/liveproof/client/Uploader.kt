package liveproof.client

import java.io.IOException
import java.util.concurrent.TimeUnit
import kotlin.random.Random
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withTimeoutOrNull
import okhttp3.Authenticator
import okhttp3.Call
import okhttp3.Callback
import okhttp3.CookieJar
import okhttp3.EventListener
import okhttp3.HttpUrl.Companion.toHttpUrlOrNull
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.Response

/** A URL that is refused as expired this soon after it was made was never valid. */
private const val FRESH_SECONDS = 60L
private const val MAX_FRESH_URLS = 3
private const val LONGEST_PAUSE_MILLIS = 30_000L

/** OkHttp writes these from the body and the URL; a second copy would break the request. */
private val WRITTEN_BY_OKHTTP = setOf("content-length", "host", "transfer-encoding")

/**
 * Sends files to the presigned URLs of liveproof. One instance serves a whole app, on any thread.
 *
 * @param http the app's client, whose connections, DNS, proxy and certificates are used. The
 *   uploader makes a client of its own from it, without interceptors, event listeners,
 *   authenticators, cookies, cache and redirects: a bucket refuses a request with an added
 *   `Authorization`, and an interceptor or a listener that logs would log the URL.
 * @param totalSeconds the longest time for one [upload], with all attempts, pauses and callbacks.
 * @param maxAttempts how often a file is sent before a failure of the network or of the bucket is
 *   final.
 */
public class Uploader internal constructor(
    http: OkHttpClient,
    private val totalSeconds: Long,
    private val maxAttempts: Int,
    private val pause: suspend (Long) -> Unit,
    private val nanoTime: () -> Long,
) {
    @JvmOverloads
    public constructor(
        http: OkHttpClient = OkHttpClient(),
        totalSeconds: Long = 600,
        maxAttempts: Int = 10,
    ) : this(http, totalSeconds, maxAttempts, { delay(it) }, System::nanoTime)

    private val http = http.newBuilder()
        .apply {
            interceptors().clear()
            networkInterceptors().clear()
        }
        .eventListener(EventListener.NONE)
        .authenticator(Authenticator.NONE)
        .cookieJar(CookieJar.NO_COOKIES)
        .cache(null)
        .followRedirects(false)
        .followSslRedirects(false)
        .connectTimeout(15, TimeUnit.SECONDS)
        .writeTimeout(60, TimeUnit.SECONDS)
        .readTimeout(60, TimeUnit.SECONDS)
        .callTimeout(0, TimeUnit.SECONDS)
        .build()

    /**
     * Sends one file and returns when the bucket has it. Cancel the coroutine to stop.
     *
     * A lost connection and the bucket's passing troubles (409, 429, 5xx) are retried, with pauses
     * that grow from a second to half a minute.
     *
     * @param upload the input's entry of `uploads`.
     * @param source the file that was declared; it is read again for each attempt.
     * @param renew asks your server for the input's fresh URL (`POST /v1/verifications/ID/uploads`)
     *   when the old one has expired. Null means that no file is awaited any more (409
     *   `not_allowed_now`). An IOException, or a time limit within it, counts as a lost connection.
     * @param confirm asks your server whether the file arrived (`GET /v1/verifications/ID`: the
     *   input's state is not `missing`) when the bucket says that the file is there already. Without
     *   `confirm` the bucket's word is enough: the URL is for this file only.
     * @param onProgress is called in the coroutine of the caller, so on Android's main thread if the
     *   caller is there. It may miss steps; it gets the last one.
     * @throws UploadException with a stable [UploadException.code].
     */
    public suspend fun upload(
        upload: Upload,
        source: UploadSource,
        renew: (suspend () -> Upload?)? = null,
        confirm: (suspend () -> Boolean)? = null,
        onProgress: (UploadProgress) -> Unit = {},
    ): UploadResult = coroutineScope {
        val steps = Channel<UploadProgress>(Channel.CONFLATED)
        val reporter = launch { for (step in steps) onProgress(step) }
        try {
            val run = UploadRun(source, renew, confirm) { steps.trySend(it) }
            withTimeoutOrNull(TimeUnit.SECONDS.toMillis(totalSeconds)) { run.finish(upload) }
                ?: throw UploadException.TimedOut(totalSeconds)
        } finally {
            steps.close()
            reporter.join()
        }
    }

    private inner class UploadRun(
        private val source: UploadSource,
        private val renew: (suspend () -> Upload?)?,
        private val confirm: (suspend () -> Boolean)?,
        private val report: (UploadProgress) -> Unit,
    ) {
        private var attempts = 0
        private var failures = 0
        private var freshUrls = 0
        private var freshSince: Long? = null

        suspend fun finish(first: Upload): UploadResult {
            var upload = first
            while (true) {
                attempts++
                when (val verdict = send(upload)) {
                    is Verdict.Stored -> return UploadResult(attempts, alreadyStored = false)
                    is Verdict.AlreadyStored -> return confirmed(verdict.status, verdict.storageCode)
                    is Verdict.Failed -> throw verdict.error
                    is Verdict.Retry -> pauseOrThrow(verdict.error)
                    is Verdict.NeedsFreshUrl -> upload = fresh(verdict) ?: return confirmed()
                }
            }
        }

        private suspend fun send(upload: Upload): Verdict {
            val call = http.newCall(request(upload, body(upload)))
            return try {
                call.verdict()
            } catch (failed: FileFailed) {
                Verdict.Failed(failed.error)
            } catch (error: IOException) {
                Verdict.Retry(UploadException.Network(error))
            }
        }

        private fun body(upload: Upload): FileBody {
            val size = upload.header("Content-Length")?.toLongOrNull()
                ?: throw UploadException.InvalidUpload("the upload's headers have no Content-Length")
            val attempt = attempts
            return FileBody(source, size, upload.header("Content-MD5")) { sent ->
                report(UploadProgress(sent, size, attempt))
            }
        }

        /** The next URL; null if your server awaits no file any more. */
        private suspend fun fresh(verdict: Verdict.NeedsFreshUrl): Upload? {
            val isFresh = freshSince?.let { nanoTime() - it < FRESH_SECONDS * 1_000_000_000 }
            if (isFresh == true) throw verdict.whenFresh
            if (renew == null || freshUrls == MAX_FRESH_URLS) throw verdict.withoutFresh
            val next = persistently(renew)
            freshUrls++
            freshSince = nanoTime()
            return next
        }

        private suspend fun confirmed(status: Int? = null, code: String? = null): UploadResult {
            while (confirm != null && !persistently(confirm)) {
                // The bucket's event may be on its way.
                pauseOrThrow(UploadException.NotConfirmed(status, code))
            }
            return UploadResult(attempts, alreadyStored = true)
        }

        private suspend fun <T> persistently(ask: suspend () -> T): T {
            while (true) {
                try {
                    return ask()
                } catch (error: UploadException) {
                    throw error
                } catch (error: IOException) {
                    pauseOrThrow(UploadException.Network(error))
                } catch (error: TimeoutCancellationException) {
                    // The total time and the caller's own limits cancel this coroutine, too; a limit
                    // within the callback does not, and would end the caller without a word.
                    currentCoroutineContext().ensureActive()
                    pauseOrThrow(UploadException.Network(IOException("the callback timed out", error)))
                }
            }
        }

        private suspend fun pauseOrThrow(error: UploadException) {
            failures++
            if (failures >= maxAttempts) throw error
            val shortest = minOf(1_000L shl minOf(failures - 1, 5), LONGEST_PAUSE_MILLIS)
            pause(shortest + Random.nextLong(shortest / 2 + 1))
        }
    }
}

private fun request(upload: Upload, body: FileBody): Request {
    val url = upload.url.toHttpUrlOrNull()
        ?: throw UploadException.InvalidUpload("the upload's url is none of http or https")
    if (upload.method != "PUT") throw UploadException.InvalidUpload("the upload's method is not PUT")
    val request = Request.Builder().url(url).put(body)
    for ((name, value) in upload.headers) {
        if (name.lowercase() in WRITTEN_BY_OKHTTP) continue
        try {
            request.header(name, value)
        } catch (_: IllegalArgumentException) { // its text may have the value
            throw UploadException.InvalidUpload("a header of the upload cannot be sent")
        }
    }
    return request.build()
}

/** The bucket's answer; cancelling the coroutine cancels the request. */
private suspend fun Call.verdict(): Verdict = suspendCancellableCoroutine { waiting ->
    waiting.invokeOnCancellation { cancel() }
    enqueue(object : Callback {
        override fun onResponse(call: Call, response: Response) {
            val answer = runCatching { BucketAnswer.of(response).verdict() }
            waiting.resumeWith(answer)
        }

        override fun onFailure(call: Call, e: IOException) {
            waiting.resumeWith(Result.failure(e))
        }
    })
}
