package liveproof.client

import java.io.IOException
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

class FingerprintTest {
    @Test
    fun `a file is declared by the MD5 and the number of its bytes`() = runBlocking {
        val expected = Fingerprint("900150983cd24fb0d6963f7d28e17f72", 3)
        assertEquals(expected, fingerprint(UploadSource.of("abc".toByteArray())))
    }

    @Test
    fun `a file of several parts is read to its end`() = runBlocking {
        assertEquals(200_000L, fingerprint(UploadSource.of(ByteArray(200_000))).size)
    }

    @Test
    fun `a file that cannot be opened is unreadable`() {
        val troubles = listOf(
            IOException("gone"),
            SecurityException("permission taken back"),
            IllegalStateException("the provider of the file ended"),
        )
        for (trouble in troubles) {
            val error = assertThrows<UploadException.FileUnreadable> {
                runBlocking { fingerprint { throw trouble } }
            }
            assertEquals("file_unreadable", error.code)
        }
    }
}
