import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Calls and steps made with the vendor's Java SDKs: a plan per line of standard input, its outcomes
 * per line of output.
 */
final class Driver {
    private static final Gson WITH_NULLS = new GsonBuilder().serializeNulls().create();

    private Driver() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, "UTF-8");
        // The SDKs may print.
        System.setOut(System.err);
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonObject plan = JsonParser.parseString(line).getAsJsonObject();
            JsonArray outcomes = new JsonArray();
            for (JsonElement call : listed(plan, "calls")) {
                outcomes.add(Api.outcome(plan, call.getAsJsonObject()));
            }
            for (JsonElement step : listed(plan, "steps")) {
                outcomes.add(Cos.outcome(plan, step.getAsJsonObject()));
            }
            answers.println(WITH_NULLS.toJson(outcomes));
        }
    }

    /** A field's text, or null without the field. */
    static String text(JsonObject fields, String name) {
        return fields.has(name) ? fields.get(name).getAsString() : null;
    }

    private static JsonArray listed(JsonObject plan, String name) {
        return plan.has(name) ? plan.getAsJsonArray(name) : new JsonArray();
    }
}
