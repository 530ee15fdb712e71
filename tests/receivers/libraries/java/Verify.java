// Judges webhooks; tests/receivers/verifiers.py has the form of a line.
// `v1` by the standard's official library, `v1a` by the JDK's own Ed25519.
import com.standardwebhooks.Webhook;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

public class Verify {
    private static final long TOLERANCE_SECONDS = 300;
    // What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410).
    private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");

    private static boolean verifyWithPublicKey(
            String text, String id, String timestamp, String signatures, byte[] body, long now)
            throws Exception {
        if (Math.abs(now - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) {
            return false;
        }
        byte[] raw = Base64.getDecoder().decode(text.substring("whpk_".length()));
        PublicKey key = KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(join(SPKI, raw)));
        byte[] signed = join((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8), body);
        for (String entry : signatures.split(" ")) {
            String[] parts = entry.split(",", 2);
            if (!parts[0].equals("v1a")) {
                continue;
            }
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(signed);
            try {
                if (verifier.verify(Base64.getDecoder().decode(parts[1]))) {
                    return true;
                }
            } catch (SignatureException noSignature) {
                continue;
            }
        }
        return false;
    }

    private static String judge(String line) throws Exception {
        String[] part = line.split("\t", -1);
        String key = part[0], id = part[1], timestamp = part[2], signature = part[3];
        byte[] body = Base64.getDecoder().decode(part[4]);
        if (key.startsWith("whpk_")) {
            long now = part[5].isEmpty() ? System.currentTimeMillis() / 1000 : Long.parseLong(part[5]);
            return verifyWithPublicKey(key, id, timestamp, signature, body, now) ? "accepted\t" : "refused\t";
        }
        Webhook webhook = new Webhook(key);
        String text = new String(body, StandardCharsets.UTF_8);
        String own = webhook.sign(id, Long.parseLong(timestamp), text);
        try {
            webhook.verify(text, Map.of(
                    "webhook-id", List.of(id),
                    "webhook-timestamp", List.of(timestamp),
                    "webhook-signature", List.of(signature)));
            return "accepted\t" + own;
        } catch (Exception refused) {
            return "refused\t" + own;
        }
    }

    private static byte[] join(byte[] first, byte[] second) throws Exception {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.write(first);
        joined.write(second);
        return joined.toByteArray();
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            out.println(judge(line));
        }
    }
}
