package liveproof.client

import java.io.IOException
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import liveproof.client.Bucket.Companion.FILE
import mockwebserver3.MockResponse
import mockwebserver3.SocketEffect
import okhttp3.Call
import okhttp3.EventListener
import okhttp3.OkHttpClient
import okio.ByteString.Companion.toByteString
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

class UploaderTest {
    @Test
    fun `the request has the signed headers, one length and the bytes`() = Bucket().use {
        it.server.enqueue(answer(200))
        assertEquals(UploadResult(1, alreadyStored = false), it.send())
        val request = it.server.takeRequest()
        assertEquals("PUT /uploads/a%2Fb?X-Amz-Signature=1 HTTP/1.1", request.requestLine)
        assertEquals(FILE.toByteString(), request.body)
        for ((name, value) in it.upload().headers) {
            assertEquals(listOf(value), request.headers.values(name), name)
        }
        assertNull(request.headers["Transfer-Encoding"])
    }

    @Test
    fun `the app's interceptors and authenticators do not reach the bucket`() {
        val app = OkHttpClient.Builder()
            .addInterceptor { it.proceed(it.request().newBuilder().header("Authorization", "a").build()) }
            .addNetworkInterceptor { it.proceed(it.request().newBuilder().header("Cookie", "b").build()) }
            .authenticator { _, answer -> answer.request.newBuilder().header("Authorization", "c").build() }
            .build()
        Bucket(app).use {
            it.server.enqueue(answer(401))
            it.refusal<UploadException.StorageRefused>()
            val headers = it.server.takeRequest().headers
            assertNull(headers["Authorization"])
            assertNull(headers["Cookie"])
        }
    }

    @Test
    fun `no event listener of the app sees the URL`() {
        val seen = mutableListOf<String>()
        val listener = object : EventListener() {
            override fun callStart(call: Call) {
                seen.add(call.request().url.toString())
            }
        }
        Bucket(OkHttpClient.Builder().eventListener(listener).build()).use {
            it.server.enqueue(answer(200))
            it.send()
        }
        assertEquals(emptyList<String>(), seen)
    }

    @Test
    fun `a redirect is not followed`() = Bucket().use {
        val elsewhere = it.server.url("/elsewhere").toString()
        it.server.enqueue(MockResponse.Builder().code(307).addHeader("Location", elsewhere).build())
        assertEquals(307, it.refusal<UploadException.StorageRefused>().status)
        assertEquals(1, it.server.requestCount)
    }

    @Test
    fun `a bucket that is busy is asked again, with growing pauses`() = Bucket().use {
        it.server.enqueue(answer(503, "SlowDown"))
        it.server.enqueue(answer(500))
        it.server.enqueue(answer(409, "ConditionalRequestConflict"))
        it.server.enqueue(answer(200))
        assertEquals(4, it.send().attempts)
        assertEquals(3, it.pauses.size)
        it.pauses.forEachIndexed { number, pause ->
            assertTrue(pause in (1000L shl number)..(1500L shl number), "$pause")
        }
    }

    @Test
    fun `a bucket that stays busy ends the upload`() = Bucket(attempts = 2).use {
        repeat(2) { _ -> it.server.enqueue(answer(503, "SlowDown")) }
        val error = it.refusal<UploadException.StorageUnavailable>()
        assertEquals("storage_unavailable", error.code)
        assertEquals(503 to "SlowDown", error.status to error.storageCode)
    }

    @Test
    fun `after a lost answer the bucket's word that the file is there is success`() {
        for (there in listOf(answer(412, "PreconditionFailed"), answer(409, "FileAlreadyExists", cos = true))) {
            Bucket().use {
                it.server.enqueue(MockResponse.Builder().onResponseStart(SocketEffect.CloseSocket()).build())
                it.server.enqueue(there)
                var asked = 0
                val result = it.send(confirm = { ++asked == 2 })
                assertEquals(UploadResult(2, alreadyStored = true), result)
                assertEquals(2, asked)
            }
        }
    }

    @Test
    fun `a file that is there but never arrives at liveproof is not confirmed`() = Bucket().use {
        it.server.enqueue(answer(412, "PreconditionFailed"))
        val error = it.refusal<UploadException.NotConfirmed>(confirm = { false })
        assertEquals("not_confirmed", error.code)
    }

    @Test
    fun `a network without an answer ends the upload after the last attempt`() = Bucket(attempts = 3).use {
        it.server.close()
        val error = it.refusal<UploadException.Network>()
        assertEquals("network", error.code)
        assertFalse("X-Amz-Signature" in error.stackTraceToString())
    }

    @Test
    fun `an expired URL is replaced by a fresh one`() = Bucket().use {
        it.server.enqueue(answer(403, "AccessDenied", "Request has expired"))
        it.server.enqueue(answer(200))
        it.send(renew = { it.upload(path = "fresh?X-Amz-Signature=2") })
        it.server.takeRequest()
        assertEquals("/fresh?X-Amz-Signature=2", it.server.takeRequest().target)
    }

    @Test
    fun `an expired URL without a fresh one says so`() = Bucket().use {
        it.server.enqueue(answer(403, "AccessDenied", "Request has expired"))
        assertEquals("url_expired", it.refusal<UploadException.UrlExpired>().code)
    }

    @Test
    fun `a fresh URL that is refused at once means a wrong clock`() = Bucket().use {
        repeat(2) { _ -> it.server.enqueue(answer(403, "AccessDenied", "Request has expired")) }
        val error = it.refusal<UploadException.ClockSkew>(renew = { it.upload() })
        assertEquals("clock_skew", error.code)
    }

    @Test
    fun `a fresh URL that expires later is replaced again`() = Bucket().use {
        repeat(2) { _ -> it.server.enqueue(answer(403, "AccessDenied", "Request has expired")) }
        it.server.enqueue(answer(200))
        // The request with the fresh URL took a long time.
        var renewals = 0
        it.send(source = { it.seconds += 900; FILE.inputStream() }, renew = { renewals++; it.upload() })
        assertEquals(2, renewals)
    }

    @Test
    fun `a server that awaits no file any more has it`() = Bucket().use {
        it.server.enqueue(answer(403, "AccessDenied", "Request has expired"))
        assertEquals(UploadResult(1, alreadyStored = true), it.send(renew = { null }, confirm = { true }))
    }

    @Test
    fun `a callback that gets no answer is asked again`() = Bucket().use {
        it.server.enqueue(answer(403, "ExpiredToken"))
        it.server.enqueue(answer(200))
        var asked = 0
        it.send(renew = { if (++asked < 3) throw IOException("offline") else it.upload() })
        assertEquals(3, asked)
    }

    @Test
    fun `a callback that ends by a time limit of its own is asked again`() = Bucket(attempts = 10).use {
        it.server.enqueue(answer(403, "ExpiredToken"))
        it.server.enqueue(answer(412, "PreconditionFailed"))
        var renewals = 0
        var confirmations = 0
        val result = it.send(
            renew = { if (++renewals < 3) withTimeout(1) { awaitCancellation() } else it.upload() },
            confirm = { if (++confirmations < 3) withTimeout(1) { awaitCancellation() } else true },
        )
        assertEquals(UploadResult(2, alreadyStored = true), result)
        assertEquals(3 to 3, renewals to confirmations)
    }

    @Test
    fun `a file that changed after it was declared is never sent whole`() {
        val changes = mapOf(
            "other bytes" to FILE.copyOf().also { it[0] = 9 },
            "shorter" to FILE.copyOf(FILE.size - 1),
            "longer" to FILE + 1,
            "empty" to ByteArray(0),
        )
        for ((name, bytes) in changes) Bucket().use {
            it.server.enqueue(answer(200))
            val error = it.refusal<UploadException.FileChanged>(UploadSource.of(bytes))
            assertEquals("file_changed", error.code, name)
        }
    }

    @Test
    fun `a file that cannot be read is no failure of the network`() = Bucket().use {
        var opened = 0
        val error = it.refusal<UploadException.FileUnreadable>({ opened++; throw SecurityException() })
        assertEquals("file_unreadable", error.code)
        assertEquals(1, opened)
    }

    @Test
    fun `an answer without end is not read`() = Bucket().use {
        it.server.enqueue(MockResponse.Builder().code(403).body("x".repeat(20_000_000)).build())
        assertEquals(403, it.refusal<UploadException.StorageRefused>().status)
    }

    @Test
    fun `progress ends with the whole file, in the caller's coroutine`() = Bucket().use {
        it.server.enqueue(answer(200))
        val steps = mutableListOf<UploadProgress>()
        val threads = mutableSetOf<Thread>()
        runBlocking {
            it.uploader.upload(it.upload(), UploadSource.of(FILE)) { step ->
                steps.add(step)
                threads.add(Thread.currentThread())
            }
        }
        assertEquals(UploadProgress(FILE.size.toLong(), FILE.size.toLong(), 1), steps.last())
        assertEquals(setOf(Thread.currentThread()), threads)
    }

    @Test
    fun `cancelling ends the request`() = Bucket().use {
        val reading = CompletableDeferred<Unit>()
        val go = CountDownLatch(1)
        runBlocking(Dispatchers.Default) {
            val sending = async {
                it.uploader.upload(it.upload(), {
                    reading.complete(Unit)
                    go.await(30, TimeUnit.SECONDS)
                    FILE.inputStream()
                })
            }
            reading.await()
            sending.cancel()
            assertThrows<CancellationException> { sending.await() }
            go.countDown()
        }
        assertEquals(0, it.pauses.size)
    }

    @Test
    fun `the total time ends an upload whose callback does not return`() = Bucket().use {
        it.server.enqueue(answer(403, "ExpiredToken"))
        val uploader = Uploader(OkHttpClient(), totalSeconds = 1)
        val error = assertThrows<UploadException.TimedOut> {
            runBlocking {
                uploader.upload(it.upload(), UploadSource.of(FILE), renew = { CompletableDeferred<Upload>().await() })
            }
        }
        assertEquals("timed_out", error.code)
    }

    @Test
    fun `what is no entry of uploads is refused before anything is sent`() = Bucket().use {
        val good = it.upload()
        val bad = mapOf(
            "no length" to Upload(good.url, good.headers - "Content-Length"),
            "no address" to Upload("file:///etc/passwd", good.headers),
            "a method without a body" to Upload(good.url, good.headers, "GET"),
            "a method of two lines" to Upload(good.url, good.headers, "PUT / HTTP/1.1\r\nx-b: secret"),
            "a header of two lines" to Upload(good.url, good.headers + ("x-a" to "1\r\nx-b: secret")),
        )
        for ((name, upload) in bad) {
            val error = assertThrows<UploadException.InvalidUpload>(name) { it.send(upload) }
            assertFalse("secret" in error.stackTraceToString())
        }
        assertEquals(0, it.server.requestCount)
    }
}
