import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonNull;
import com.qcloud.cos.COSClient;
import com.qcloud.cos.ClientConfig;
import com.qcloud.cos.auth.BasicCOSCredentials;
import com.qcloud.cos.auth.BasicSessionCredentials;
import com.qcloud.cos.auth.COSCredentials;
import com.qcloud.cos.endpoint.EndpointBuilder;
import com.qcloud.cos.endpoint.EndpointResolver;
import com.qcloud.cos.exception.CosServiceException;
import com.qcloud.cos.http.HttpMethodName;
import com.qcloud.cos.http.HttpProtocol;
import com.qcloud.cos.model.COSObject;
import com.qcloud.cos.model.COSObjectSummary;
import com.qcloud.cos.model.GetObjectRequest;
import com.qcloud.cos.model.ListObjectsRequest;
import com.qcloud.cos.model.ObjectListing;
import com.qcloud.cos.model.ObjectMetadata;
import com.qcloud.cos.model.PutObjectResult;
import com.qcloud.cos.region.Region;
import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Date;

/** Steps in the storage, each with a client of its own. */
final class Cos {
    private static final long QUARTER_HOUR_MS = 900_000;

    private Cos() {}

    static JsonObject outcome(JsonObject plan, JsonObject step) throws Exception {
        COSClient client = client(plan, step);
        try {
            return done(client, Driver.text(plan, "bucket"), step);
        } catch (CosServiceException refusal) {
            JsonObject made = new JsonObject();
            made.addProperty("error", refusal.getErrorCode());
            made.addProperty("status", refusal.getStatusCode());
            return made;
        } finally {
            client.shutdown();
        }
    }

    /** A client that names the bucket in the plan's style. */
    private static COSClient client(JsonObject plan, JsonObject step) {
        ClientConfig config = new ClientConfig(new Region(Driver.text(plan, "region")));
        config.setHttpProtocol(HttpProtocol.http);
        config.setMaxErrorRetry(0);
        String endpoint = Driver.text(plan, "endpoint");
        switch (Driver.text(plan, "style")) {
            case "domain":
                config.setEndpointBuilder(new At(endpoint));
                break;
            case "host":
                config.setEndpointResolver(new At(endpoint));
                break;
            case "proxy":
                String[] parts = endpoint.split(":");
                config.setHttpProxyIp(parts[0]);
                config.setHttpProxyPort(Integer.parseInt(parts[1]));
                break;
            default:
                throw new IllegalArgumentException("this SDK cannot name a bucket so");
        }
        return new COSClient(credentials(plan, step), config);
    }

    private static COSCredentials credentials(JsonObject plan, JsonObject step) {
        String id = Driver.text(step.has("secret_id") ? step : plan, "secret_id");
        String key = Driver.text(step.has("secret_key") ? step : plan, "secret_key");
        String token = Driver.text(step, "token");
        return token == null
                ? new BasicCOSCredentials(id, key)
                : new BasicSessionCredentials(id, key, token);
    }

    private static JsonObject done(COSClient client, String bucket, JsonObject step)
            throws Exception {
        String key = Driver.text(step, "key");
        JsonObject made = new JsonObject();
        switch (Driver.text(step, "do")) {
            case "put":
                byte[] body = Base64.getDecoder().decode(Driver.text(step, "body"));
                ObjectMetadata metadata = new ObjectMetadata();
                metadata.setContentLength(body.length);
                byte[] digest = MessageDigest.getInstance("MD5").digest(body);
                metadata.setContentMD5(Base64.getEncoder().encodeToString(digest));
                if (step.has("meta")) {
                    metadata.addUserMetadata("who", "a");
                }
                PutObjectResult put =
                        client.putObject(bucket, key, new ByteArrayInputStream(body), metadata);
                made.addProperty("etag", '"' + put.getETag() + '"');
                made.addProperty("crc", put.getCrc64Ecma());
                break;
            case "get":
                GetObjectRequest get = new GetObjectRequest(bucket, key);
                if (step.has("range")) {
                    String[] ends = Driver.text(step, "range").substring(6).split("-");
                    get.setRange(Long.parseLong(ends[0]), Long.parseLong(ends[1]));
                }
                try (COSObject object = client.getObject(get)) {
                    byte[] received = object.getObjectContent().readAllBytes();
                    made.addProperty("body", Base64.getEncoder().encodeToString(received));
                    Object part = object.getObjectMetadata().getRawMetadataValue("Content-Range");
                    made.addProperty("range", (String) part);
                }
                break;
            case "head":
                ObjectMetadata head = client.getObjectMetadata(bucket, key);
                made.addProperty("size", Long.toString(head.getContentLength()));
                made.addProperty("crc", head.getCrc64Ecma());
                break;
            case "delete":
                client.deleteObject(bucket, key);
                break;
            case "list":
                return page(client, bucket, step);
            default:
                Date until = new Date(System.currentTimeMillis() + QUARTER_HOUR_MS);
                HttpMethodName method = HttpMethodName.valueOf(Driver.text(step, "method"));
                made.addProperty(
                        "url", client.generatePresignedUrl(bucket, key, until, method).toString());
        }
        return made;
    }

    private static JsonObject page(COSClient client, String bucket, JsonObject step) {
        ObjectListing page =
                client.listObjects(
                        new ListObjectsRequest(
                                bucket,
                                Driver.text(step, "prefix"),
                                Driver.text(step, "marker"),
                                Driver.text(step, "delimiter"),
                                step.get("size").getAsInt()));
        JsonArray keys = new JsonArray();
        for (COSObjectSummary object : page.getObjectSummaries()) {
            keys.add(object.getKey());
        }
        JsonArray prefixes = new JsonArray();
        page.getCommonPrefixes().forEach(prefixes::add);
        JsonObject made = new JsonObject();
        made.add("keys", keys);
        made.add("prefixes", prefixes);
        made.add("next", JsonNull.INSTANCE);
        if (page.getNextMarker() != null) {
            made.addProperty("next", page.getNextMarker());
        }
        return made;
    }

    /** Leads every request to one address. */
    private static final class At implements EndpointBuilder, EndpointResolver {
        private final String endpoint;

        At(String endpoint) {
            this.endpoint = endpoint;
        }

        @Override
        public String buildGeneralApiEndpoint(String bucket) {
            return endpoint;
        }

        @Override
        public String buildGetServiceApiEndpoint() {
            return endpoint;
        }

        @Override
        public String resolveGeneralApiEndpoint(String host) {
            return endpoint;
        }

        @Override
        public String resolveGetServiceApiEndpoint(String host) {
            return endpoint;
        }
    }
}
