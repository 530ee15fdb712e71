import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.tencentcloudapi.common.AbstractClient;
import com.tencentcloudapi.common.AbstractModel;
import com.tencentcloudapi.common.CommonClient;
import com.tencentcloudapi.common.Credential;
import com.tencentcloudapi.common.exception.TencentCloudSDKException;
import com.tencentcloudapi.common.profile.ClientProfile;
import com.tencentcloudapi.common.profile.HttpProfile;
import java.lang.reflect.InvocationTargetException;

/** Calls of the vendor's API, each with a client of its own. */
final class Api {
    private Api() {}

    static JsonObject outcome(JsonObject plan, JsonObject call) throws Exception {
        JsonObject made = new JsonObject();
        try {
            made.add("response", answer(plan, call));
        } catch (TencentCloudSDKException refusal) {
            made.addProperty("error", refusal.getErrorCode());
            made.addProperty("request_id", refusal.getRequestId());
        }
        return made;
    }

    private static JsonObject answer(JsonObject plan, JsonObject call) throws Exception {
        HttpProfile http = new HttpProfile();
        http.setProtocol("http://");
        http.setEndpoint(Driver.text(plan, "endpoint"));
        http.setReadTimeout(30);
        ClientProfile profile = new ClientProfile();
        profile.setHttpProfile(http);
        Credential key =
                new Credential(
                        Driver.text(call, "secret_id"),
                        Driver.text(call, "secret_key"),
                        Driver.text(call, "token"));
        String region = Driver.text(call, "region");
        String service = Driver.text(call, "service");
        String version = Driver.text(call, "version");
        String action = Driver.text(call, "action");
        String parameters = call.getAsJsonObject("parameters").toString();
        if (service.equals("iai")) {
            return typed(new Object[] {key, region, profile}, version, action, parameters);
        }
        AbstractClient client = new CommonClient(service, version, key, region, profile);
        String text = client.call(action, parameters);
        return JsonParser.parseString(text).getAsJsonObject().getAsJsonObject("Response");
    }

    /** By the product's own client and models, whose names follow from the action's. */
    private static JsonObject typed(
            Object[] credentials, String version, String action, String parameters)
            throws Exception {
        String product = "com.tencentcloudapi.iai.v" + version.replace("-", "");
        Object client =
                Class.forName(product + ".IaiClient")
                        .getConstructor(Credential.class, String.class, ClientProfile.class)
                        .newInstance(credentials);
        Class<?> model = Class.forName(product + ".models." + action + "Request");
        Object request = AbstractModel.fromJsonString(parameters, model);
        try {
            Object response = client.getClass().getMethod(action, model).invoke(client, request);
            String text = AbstractModel.toJsonString((AbstractModel) response);
            return JsonParser.parseString(text).getAsJsonObject();
        } catch (InvocationTargetException thrown) {
            throw (Exception) thrown.getCause();
        }
    }
}
