// One call of a Java program that knows nothing of the run: java RunClient.java URL BODY. Its status is the exit status.
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;

class RunClient {
  public static void main(String[] arguments) throws Exception {
    HttpURLConnection call = (HttpURLConnection) URI.create(arguments[0]).toURL().openConnection();
    call.setRequestMethod("POST");
    call.setDoOutput(true);
    call.setRequestProperty("Content-Type", "application/json");
    try (OutputStream body = call.getOutputStream()) {
      body.write(arguments[1].getBytes("UTF-8"));
    }
    call.getInputStream().readAllBytes();
    System.exit(call.getResponseCode() == 200 ? 0 : 1);
  }
}
