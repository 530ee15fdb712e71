package liveproof.client

import java.io.IOException
import java.io.InputStream
import java.security.MessageDigest
import okhttp3.MediaType
import okhttp3.RequestBody
import okio.BufferedSink
import okio.ByteString.Companion.toByteString

/** The file could not be read, or was another one; not a failure of the network. */
internal class FileFailed(val error: UploadException) : IOException(error)

/**
 * The body of one attempt.
 *
 * The last part of the file is held back until the MD5 of the whole file is the declared one, so a
 * changed file never becomes a complete request.
 *
 * @param size in bytes, as declared: OkHttp writes Content-Length from it.
 * @param md5 in base64, as the header Content-MD5 has it; null if no header has it.
 * @param onSent called on a thread of OkHttp with the number of bytes that were handed over.
 */
internal class FileBody(
    private val source: UploadSource,
    private val size: Long,
    private val md5: String?,
    private val onSent: (Long) -> Unit,
) : RequestBody() {
    /** None, so that OkHttp leaves the signed Content-Type header alone. */
    override fun contentType(): MediaType? = null

    override fun contentLength(): Long = size

    override fun writeTo(sink: BufferedSink) {
        val digest = MessageDigest.getInstance("MD5")
        var held = ByteArray(PART_BYTES)
        var next = ByteArray(PART_BYTES)
        var heldBytes = 0
        var read = 0L
        onSent(0)
        reading { source.open() }.use { stream ->
            while (true) {
                val count = reading { stream.fill(next) }
                if (count == 0) break
                digest.update(next, 0, count)
                read += count
                if (read > size) throw FileFailed(UploadException.FileChanged())
                sink.write(held, 0, heldBytes)
                onSent(read - count)
                held = next.also { next = held }
                heldBytes = count
            }
        }
        val differs = md5 != null && digest.digest().toByteString().base64() != md5
        if (read != size || differs) throw FileFailed(UploadException.FileChanged())
        sink.write(held, 0, heldBytes)
        sink.flush()
        onSent(size)
    }

    /** Whatever a source throws is told apart from what the network throws. */
    private inline fun <T> reading(read: () -> T): T =
        try {
            read()
        } catch (error: IOException) {
            throw FileFailed(UploadException.FileUnreadable(error))
        } catch (error: RuntimeException) { // OkHttp's thread would end the app
            throw FileFailed(UploadException.FileUnreadable(error))
        }

    /** Reads until the part is full or the file ends; how many bytes. */
    private fun InputStream.fill(part: ByteArray): Int {
        var filled = 0
        while (filled < part.size) {
            val count = read(part, filled, part.size - filled)
            if (count < 0) break
            filled += count
        }
        return filled
    }
}
