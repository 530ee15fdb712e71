package examples.uploading

import java.io.File
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.asRequestBody

/** A client of its own: no interceptor of the app adds an Authorization header, no redirect is followed. */
private val bucket = OkHttpClient.Builder().followRedirects(false).followSslRedirects(false).build()

/**
 * Sends the file of one entry of `uploads`; returns the bucket's status and the start of its answer.
 *
 * OkHttp writes Content-Length from the body. The body has no media type, so OkHttp leaves the signed
 * Content-Type alone.
 */
fun put(url: String, headers: Map<String, String>, file: File): Pair<Int, String> {
    val request = Request.Builder().url(url).put(file.asRequestBody())
    headers.filterKeys { !it.equals("Content-Length", ignoreCase = true) }
        .forEach { (name, value) -> request.header(name, value) }
    return bucket.newCall(request.build()).execute().use { answer ->
        answer.code to answer.peekBody(65_536).string()
    }
}
