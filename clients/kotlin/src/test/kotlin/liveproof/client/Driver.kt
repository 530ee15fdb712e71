package liveproof.client

import examples.uploading.put
import java.io.File
import kotlinx.coroutines.runBlocking
import okhttp3.OkHttpClient

/** An app's client: what it adds to every request must not reach the bucket. */
private val app = OkHttpClient.Builder()
    .addInterceptor { it.proceed(it.request().newBuilder().header("Authorization", "Bearer app").build()) }
    .build()
private val uploader = Uploader(app)

/**
 * Uploads on a local cloud, one for each line of standard input, for tests/clients/kotlin.
 *
 * A line is a word, the file, the URL and the headers, each `name=value`, with tabs between them. The
 * word is `fingerprint`, `upload` or `snippet`. The answer is one line with tabs as well.
 */
fun main() {
    generateSequence(::readLine).forEach { line ->
        val (word, path, url) = line.split('\t')
        val headers = line.split('\t').drop(3).associate {
            it.substringBefore('=') to it.substringAfter('=')
        }
        val answer = when (word) {
            "fingerprint" -> runBlocking { fingerprint(UploadSource.of(File(path))) }
                .let { listOf(it.md5, it.size) }
            "upload" -> upload(Upload(url, headers), File(path))
            else -> put(url, headers, File(path)).let { (status, text) ->
                listOf(status, text.replace(Regex("\\s+"), " "))
            }
        }
        println(answer.joinToString("\t"))
    }
}

private fun upload(upload: Upload, file: File): List<Any?> =
    try {
        var sent = 0L
        val result = runBlocking {
            uploader.upload(upload, UploadSource.of(file)) { sent = it.sentBytes }
        }
        listOf(if (result.alreadyStored) "already stored" else "stored", sent)
    } catch (error: UploadException) {
        listOf(error.code, error.status, error.storageCode)
    }
