package liveproof.client

import java.io.IOException
import java.security.MessageDigest
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withContext
import okio.ByteString.Companion.toByteString

internal const val PART_BYTES = 64 * 1024

/**
 * What your server declares of a file.
 *
 * @property md5 of the bytes, as 32 hexadecimal digits: the field `md5` of the request.
 * @property size in bytes: the field `size`.
 */
public data class Fingerprint(
    public val md5: String,
    public val size: Long,
)

/**
 * Reads a file once and returns what your server has to declare before it gets a URL.
 *
 * The URL accepts these bytes only, so the file is read twice: now, and when it is sent. Declare the
 * final file, after it was scaled, rotated or converted.
 *
 * @throws UploadException.FileUnreadable if the file cannot be read.
 */
public suspend fun fingerprint(source: UploadSource): Fingerprint =
    withContext(Dispatchers.IO) {
        val digest = MessageDigest.getInstance("MD5")
        val part = ByteArray(PART_BYTES)
        var size = 0L
        try {
            source.open().use { stream ->
                while (true) {
                    ensureActive()
                    val count = stream.read(part)
                    if (count < 0) break
                    digest.update(part, 0, count)
                    size += count
                }
            }
        } catch (error: IOException) {
            throw UploadException.FileUnreadable(error)
        } catch (error: CancellationException) {
            throw error
        } catch (error: RuntimeException) { // such as Android's, which took back the permission
            throw UploadException.FileUnreadable(error)
        }
        Fingerprint(digest.digest().toByteString().hex(), size)
    }
