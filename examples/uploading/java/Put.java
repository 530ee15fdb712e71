import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

public final class Put {
    // It follows no redirects unless it is told to.
    private static final HttpClient BUCKET =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Sends a file with the URL and the headers of an entry of `uploads`. */
    static HttpResponse<InputStream> put(String url, Map<String, String> headers, Path file)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofMinutes(5))
                .PUT(HttpRequest.BodyPublishers.ofFile(file));
        headers.forEach((name, value) -> {
            // HttpClient writes it from the file, and throws if it is set.
            if (!name.equalsIgnoreCase("Content-Length")) {
                request.header(name, value);
            }
        });
        return BUCKET.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    /** java Put.java URL FILE NAME=VALUE... */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Map<String, String> headers = Stream.of(arguments).skip(2)
                .map(argument -> argument.split("=", 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
        HttpResponse<InputStream> answer = put(arguments[0], headers, Path.of(arguments[1]));
        try (InputStream body = answer.body()) {
            String text = new String(body.readNBytes(65_536), StandardCharsets.UTF_8);
            System.out.println(answer.statusCode() + " " + text);
        }
    }
}
