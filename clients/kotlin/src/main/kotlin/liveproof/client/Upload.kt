package liveproof.client

import java.io.File
import java.io.InputStream

/**
 * One entry of `uploads`, as liveproof answered it to your server and your server gave it to the app.
 *
 * [toString] leaves out the URL: whoever has it can write the file.
 *
 * @property url where the file goes; send it unchanged.
 * @property headers all of them are part of the signature.
 * @property method always `PUT`.
 */
public class Upload @JvmOverloads constructor(
    public val url: String,
    public val headers: Map<String, String>,
    public val method: String = "PUT",
) {
    override fun toString(): String = "Upload($method)"

    /** The value of a header, whatever the case of its name. */
    internal fun header(name: String): String? =
        headers.entries.firstOrNull { it.key.equals(name, ignoreCase = true) }?.value
}

/** A file that can be read from its beginning more than once: first to declare it, then to send it. */
public fun interface UploadSource {
    /**
     * A new stream of the whole file. The caller closes it.
     *
     * On Android: `UploadSource { contentResolver.openInputStream(uri) ?: throw IOException() }`.
     *
     * @throws java.io.IOException if the file cannot be opened.
     */
    public fun open(): InputStream

    public companion object {
        /** A file of this device. */
        @JvmStatic
        public fun of(file: File): UploadSource = UploadSource { file.inputStream() }

        /** Bytes in memory. */
        @JvmStatic
        public fun of(bytes: ByteArray): UploadSource = UploadSource { bytes.inputStream() }
    }
}

/**
 * How much of the file has been handed to the network.
 *
 * @property sentBytes of this attempt; 0 again when the next attempt begins.
 * @property totalBytes the size of the file.
 * @property attempt 1 for the first one.
 */
public data class UploadProgress(
    public val sentBytes: Long,
    public val totalBytes: Long,
    public val attempt: Int,
)

/**
 * The bucket has the file.
 *
 * @property attempts how many requests it took.
 * @property alreadyStored the bucket said that the file was there: an earlier attempt had arrived, and
 *   its answer was lost.
 */
public data class UploadResult(
    public val attempts: Int,
    public val alreadyStored: Boolean,
)
