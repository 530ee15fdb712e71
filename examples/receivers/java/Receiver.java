// A webhook receiver with the JDK's own HTTP server; Java 17 or newer.
//
// mvn dependency:copy-dependencies
// WEBHOOK_SECRET=whsec_... PORT=4000 java -cp 'target/dependency/*' Receiver.java
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

public class Receiver {
    private static final int MOST_BYTES = 16 << 10;
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    // In production: a table whose key is the webhook-id, written before the answer.
    private static final Set<String> received = ConcurrentHashMap.newKeySet();
    private static final ExecutorService worker = Executors.newSingleThreadExecutor();
    private static Webhook webhook;

    public static void main(String[] arguments) throws Exception {
        webhook = new Webhook(System.getenv("WEBHOOK_SECRET"));
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/hook", Receiver::receive);
        server.start();
    }

    private static void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] bytes = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                exchange.sendResponseHeaders(413, -1);
                return;
            }
            // The bytes as they came, as text; nothing is parsed before.
            String body = new String(bytes, StandardCharsets.UTF_8);
            try {
                webhook.verify(body, exchange.getRequestHeaders());
            } catch (WebhookVerificationException | RuntimeException refused) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            String id = exchange.getRequestHeaders().getFirst("webhook-id");
            if (received.add(id)) { // a message may arrive twice
                worker.execute(() -> work(body));
            }
            exchange.sendResponseHeaders(204, -1);
        }
    }

    // Does not delay the answer. Of all types only verification.passed is a yes.
    private static void work(String body) {
        JsonObject message = JsonParser.parseString(body).getAsJsonObject();
        JsonElement reference = message.getAsJsonObject("data").get("reference");
        boolean isText = reference != null && !reference.isJsonNull();
        OUT.println(message.get("type").getAsString() + " " + (isText ? reference.getAsString() : ""));
    }
}
