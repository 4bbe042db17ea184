// Sends and receives documents through the gateway. Made to be copied: JDK 11 or later, nothing else. Exit codes: ../README.md
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.net.http.HttpRequest.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import static java.nio.file.StandardOpenOption.*;
class Qlvb {
    static final String USAGE = "java Qlvb.java URL TOKENFILE AGENCY send PACKAGE.json FILE… | poll DIR | refuse ID REASON";
    static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    static String url, token;
    /** The reply, or nothing and the reply in `file`. Network failures, 408, 429, 5xx: tried again, later each time. */
    static String call(String path, String kind, Callable<BodyPublisher> body, Path file, String sha256) throws Exception {
        double end = System.nanoTime() / 1e9 + Double.parseDouble(System.getenv().getOrDefault("QLVB_PATIENCE", "60"));
        for (long pause = 1; ; pause = Math.min(2 * pause, 30)) {
            var request = HttpRequest.newBuilder(URI.create(url + path)).header("Authorization", "Bearer " + token);
            request.timeout(java.time.Duration.ofMinutes(body == null ? 2 : 60));  // until the reply begins
            if (body != null) request.header("Content-Type", kind).POST(body.call());
            String trouble = "not the file that was announced";
            try {
                var reply = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
                var in = new java.security.DigestInputStream(reply.body(), java.security.MessageDigest.getInstance("SHA-256"));
                int status = reply.statusCode();
                if (status < 300 && file == null) return new String(in.readAllBytes(), "UTF-8");
                if (status < 300) try (var out = new FileOutputStream(file.toFile())) { in.transferTo(out); out.getFD().sync(); }
                var sum = new java.math.BigInteger(1, in.getMessageDigest().digest());
                if (status < 300 && String.format("%064x", sum).equals(sha256)) return "";
                if (status >= 300) trouble = status + " " + new String(in.readAllBytes(), "UTF-8");
                if (status >= 300 && status < 500 && status != 408 && status != 429) throw new IllegalStateException(trouble);
                pause = Math.max(pause, reply.headers().firstValueAsLong("Retry-After").orElse(0));
            } catch (IOException | NumberFormatException e) {
                trouble = e.toString();
            }
            if (System.nanoTime() / 1e9 + pause > end) throw new TimeoutException(trouble);
            System.err.println(trouble + "\nagain in " + pause + " s");
            Thread.sleep((long) (pause * (1000 + 200 * Math.random())));  // not all clients at the same moment
        }
    }
    /** The JDK reads no JSON. In a string each quote is escaped, so that nothing there looks like the member sought here. */
    static String[] all(String member, String json) {
        return new Scanner(json).findAll("(?s)" + member.replace(":", "\\s*:\\s*")).map(m -> m.group(1)).toArray(String[]::new);
    }

    static void send(String... files) throws Exception {  // the first is the package
        if (all("\"external_id\":\"([^\"])", Files.readString(Path.of(files[0]))).length == 0)
            throw new IllegalStateException("external_id is missing: fixed before the first try, it makes a repetition known");
        String bound = UUID.randomUUID().toString();
        System.out.println(call("/v1/packages", "multipart/form-data; boundary=" + bound, () -> {  // opened anew at each try
            var pieces = new ArrayList<InputStream>();
            for (String file : files) {
                String name = URLEncoder.encode(Path.of(file).getFileName().toString(), "UTF-8").replace("+", "%20");
                String part = pieces.isEmpty() ? "package\r\nContent-Type: application/json" : "file; filename*=UTF-8''" + name;
                String head = "\r\n--" + bound + "\r\nContent-Disposition: form-data; name=" + part + "\r\n\r\n";
                Collections.addAll(pieces, new ByteArrayInputStream(head.getBytes("UTF-8")), new FileInputStream(file));
            }
            pieces.add(new ByteArrayInputStream(("\r\n--" + bound + "--\r\n").getBytes("UTF-8")));
            return BodyPublishers.ofInputStream(() -> new SequenceInputStream(Collections.enumeration(pieces)));
        }, null, null));
    }

    static void poll(String directory) throws Exception {  // acknowledges what is stored, not before: then 01 goes out
        Path position = Files.createDirectories(Path.of(directory)).resolve("position");
        for (int wait = 30; ; wait = 0) {  // one event at a time; what a crash cuts short is told again, and that is harmless
            String query = "limit=1&wait=" + wait + "&after=" + (Files.exists(position) ? Files.readString(position) : "0");
            String event = call("/v1/events?" + query, null, null, null, null).replaceAll("(?s)^[^\\[]*\\[|\\][^\\]]*$", "");
            if (event.isBlank()) return;
            String seq = all("\"seq\":(\\d+)", event)[0], id = all("\"message_id\":\"([0-9A-Z]{26})\"", event)[0];
            Path folder = Files.createDirectories(Path.of(directory, id));
            String[] urls = all("\"url\":\"(/v1/[^\"]+)\"", event), digests = all("\"sha256\":\"([0-9a-f]{64})\"", event);
            for (int n = 0; n < urls.length; n++) call(urls[n], null, null, folder.resolve("" + (n + 1)), digests[n]);  // never by name
            Files.writeString(folder.resolve("event-" + seq + ".json"), event, CREATE, WRITE, TRUNCATE_EXISTING, SYNC);
            call("/v1/events/ack", "application/json", () -> BodyPublishers.ofString("{\"through\":" + seq + "}"), null, null);
            for (String codes : all("\"type\":\"document.received\".*\"recipients\":\\[([^\\]]*)", event))
                for (String code : codes.split(",")) report(id, code.replaceAll("[\"\\s]", ""), "03", "Đã vào sổ văn bản đến");
            Files.writeString(position, String.format("%020d", Long.parseLong(seq)), CREATE, WRITE, SYNC);  // old or new
        }
    }
    static void report(String id, String from, String code, String text) throws Exception {  // `at`: makes a repetition known
        String said = text.replaceAll("\\p{Cntrl}", " ").replaceAll("[\"\\\\]", "\\\\$0"), at = java.time.Instant.now().toString();
        String form = "{'from':'%s','code':'%s','description':'%s','at':'%.19sZ'}".replace('\'', '"');
        String status = String.format(form, from, code, said, at);
        System.out.println(call("/v1/messages/" + id + "/statuses", "application/json", () -> BodyPublishers.ofString(status), null, null));
    }
    public static void main(String... a) {
        try {
            if (a.length < 5 || !(a[3] + a.length).matches("send\\d+|poll5|refuse6") || String.join("", a).contains("\uFFFD"))
                throw new IllegalArgumentException(USAGE);  // or in a locale that is not UTF-8
            url = a[0].replaceAll("/$", "");
            token = Files.readString(Path.of(a[1])).strip();
            if (a[3].equals("send")) send(Arrays.copyOfRange(a, 4, a.length));
            else if (a[3].equals("poll")) poll(a[4]);
            else report(a[4], a[2], "02", a[5]);
        } catch (Exception e) {
            System.err.println(e.getMessage());
            System.exit(e instanceof TimeoutException ? 3 : e instanceof IllegalArgumentException ? 2 : 1);
        }
    }
}
