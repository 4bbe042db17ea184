// Sends and receives documents over RabbitMQ. Made to be copied: JDK 11 or later and amqp-client.jar. Settings, exit: ../README.md
import com.rabbitmq.client.*;
import com.rabbitmq.tools.json.*;
import java.io.*;
import java.net.http.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import javax.net.ssl.*;
import static java.nio.charset.StandardCharsets.UTF_8;
@SuppressWarnings("unchecked")
class QlvbQueue {
    static final String USAGE = "java QlvbQueue SETTINGS send PACKAGE.json FILE… | status ID AGENCY CODE TEXT | events";
    static final long INLINE_BYTES = 512 * 1024, PATIENCE = Long.parseLong(System.getenv().getOrDefault("QLVB_PATIENCE", "30"));
    static final BlockingQueue<Object[]> INCOMING = new LinkedBlockingQueue<>();  // delivery tag, properties, body
    static final Properties SETTINGS = new Properties();
    static Channel reading, writing;
    static volatile String returned;

    static Path at(String path) { return Path.of(SETTINGS.getProperty("directory"), path); }
    static String kept(String path) throws IOException { return Files.exists(at(path)) ? Files.readString(at(path)) : ""; }
    static InputStream in(String text) { return new ByteArrayInputStream(text.getBytes(UTF_8)); }
    static Map<String, Object> json(String text) { return (Map<String, Object>) new JSONReader().read(text); }
    static void keep(String path, InputStream source, Object sha256) throws Exception {  // all of it or nothing, and on disk then
        Path folder = Files.createDirectories(at(path).getParent()), fresh = folder.resolve("new~");
        var in = new java.security.DigestInputStream(source, java.security.MessageDigest.getInstance("SHA-256"));
        try (in; var out = new FileOutputStream(fresh.toFile())) { in.transferTo(out); out.getFD().sync(); }
        String came = String.format("%064x", new java.math.BigInteger(1, in.getMessageDigest().digest()));
        if (sha256 != null && !came.equals(sha256)) throw new IOException("not the file that was announced");
        Files.move(fresh, at(path), StandardCopyOption.ATOMIC_MOVE);
        try (var name = java.nio.channels.FileChannel.open(folder)) { name.force(true); }
    }
    static InputStream call(Object path, String file) throws Exception {  // REST, for files that are too large for a message
        var request = HttpRequest.newBuilder(java.net.URI.create(SETTINGS.getProperty("api").replaceAll("/$", "") + path));
        request.header("Authorization", "Bearer " + SETTINGS.get("token")).timeout(java.time.Duration.ofMinutes(60));
        if (file != null) request.POST(HttpRequest.BodyPublishers.ofFile(Path.of(file)));
        var reply = HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        if (reply.statusCode() < 300) return reply.body();
        String trouble = reply.statusCode() + " " + new String(reply.body().readAllBytes(), UTF_8);
        throw trouble.matches("(?s)(408|429|5).*") ? new IOException(trouble) : new IllegalStateException(trouble);
    }

    static void send(String text, List<String> files) throws Exception {
        String own = json(text).getOrDefault("external_id", "") + "";
        String base = UUID.nameUUIDFromBytes(own.getBytes(UTF_8)) + "-", id = base + 0;
        if (own.isEmpty()) throw new IllegalStateException("external_id is missing: it makes a repetition known");
        for (int n = 1; kept("answers/" + id).contains("\"retryable\""); n++) id = base + n;  // mended after a problem
        var listed = new ArrayList<Object>();
        boolean inside = files.stream().mapToLong(file -> new File(file).length()).sum() <= INLINE_BYTES;
        for (String file : kept("answers/" + id).isEmpty() && kept("out/" + id + ".package").isEmpty() ? files : List.<String>of()) {
            Object content = inside  // else the file waits at the gateway: for seven days, and anew from each use
                ? Base64.getEncoder().encodeToString(Files.readAllBytes(Path.of(file)))
                : json(new String(call("/v1/files", file).readAllBytes(), UTF_8)).get("claim");
            listed.add(Map.of("name", Path.of(file).getFileName().toString(), inside ? "base64" : "claim", content));
        }
        order(id, ".package", "{\"package\":" + text + ",\"files\":" + new JSONWriter(false).write(listed) + "}");
    }
    static void status(String about, String agency, String code, String text) throws Exception {  // `at`: fixed before the first try
        String at = java.time.Instant.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString();
        var said = Map.of("from", agency, "code", code, "description", text, "at", at);
        order(UUID.randomUUID() + "", ".status", new JSONWriter(false).write(Map.of("message_id", about, "status", said)));
    }
    static void order(String id, String kind, String body) throws Exception {  // kept until it is answered: repeated with the same id
        if ((kept("answers/" + id) + kept("out/" + id + kind)).isEmpty()) keep("out/" + id + kind, in(body), null);
        receive("answers/" + id);
        String answer = kept("answers/" + id);
        if (answer.isEmpty()) throw new IOException("not answered yet");
        System.out.println(answer);
        if (answer.contains("\"retryable\"")) throw new IllegalStateException("refused: see detail, action and errors");
    }
    static void publish(String id, String kind, String body) throws Exception {  // then the broker has it on disk, and a queue for it
        var what = new AMQP.BasicProperties.Builder().messageId(id).type(kind).contentType("application/json").deliveryMode(2).build();
        writing.basicPublish(SETTINGS.get("prefix") + ".in." + SETTINGS.get("name"), "", true, what, body.getBytes(UTF_8));
        writing.waitForConfirmsOrDie(60_000);
        if (returned != null) throw new IOException("the broker has no queue for it: " + returned);
    }
    static void receive(String awaited) throws Exception {
        for (String name : Files.createDirectories(at("out")).toFile().list((folder, name) -> name.contains("-")))
            publish(name.split("\\.")[0], name.split("\\.")[1], kept("out/" + name));
        for (Object[] one; awaited == null || kept(awaited).isEmpty(); reading.basicAck((long) one[0], false)) {  // on disk, not before
            if ((one = INCOMING.poll(PATIENCE, TimeUnit.SECONDS)) == null) return;
            String kind = ((BasicProperties) one[1]).getType() + "", about = ((BasicProperties) one[1]).getCorrelationId() + "";
            if (kind.equals("events")) events((String) one[2]);
            if (!kind.matches("receipt|statuses|problem") || !about.matches("[0-9a-z-]{1,80}")) continue;  // types may be added
            keep("answers/" + about, in((String) one[2]), null);
            for (String end : List.of(".package", ".status")) Files.deleteIfExists(at("out/" + about + end));
        }
    }
    static void events(String body) throws Exception {  // in order, each at least once
        long last = 0, settled = Long.parseLong("0" + kept("position"));
        for (var event : (List<Map<String, Object>>) json(body).get("events")) {
            if ((last = ((Number) event.get("seq")).longValue()) <= settled) continue;  // told again
            var document = (Map<String, Object>) ((Map<String, Object>) event.get("data")).getOrDefault("document", Map.of());
            var files = (List<Map<String, Object>>) document.getOrDefault("files", List.of());
            String place = "messages/" + event.get("message_id") + "/";  // a name is never used as a path
            for (int n = 0; n < files.size(); n++) keep(place + (n + 1), call(files.get(n).get("url"), null), files.get(n).get("sha256"));
        }
        if (last > settled) keep("messages/events-" + last + ".json", in(body), null);
        if (last > settled) keep("position", in("" + last), null);
        publish("through-" + last, "events.acknowledge", "{\"through\":" + last + "}");  // all is stored, not before: now 01 goes out
    }

    public static void main(String... a) {
        try {
            if (a.length < 2 || !(a[1] + a.length).matches("send([3-9]|\\d\\d+)|status6|events2")) throw new IOException(USAGE);
            SETTINGS.load(Files.newBufferedReader(Path.of(a[0])));
            var factory = new ConnectionFactory();
            factory.setUri(SETTINGS.getProperty("broker"));
            factory.setAutomaticRecoveryEnabled(false);
            var named = new SSLParameters();
            named.setEndpointIdentificationAlgorithm("HTTPS");
            if (factory.isSSL()) factory.useSslProtocol(SSLContext.getDefault());  // by itself it would trust everybody
            factory.setSocketConfigurator(s -> { if (s instanceof SSLSocket) ((SSLSocket) s).setSSLParameters(named); });
            AddressResolver unresolved = () -> List.of(new Address(factory.getHost(), factory.getPort()));  // else the name is lost
            try (var connection = factory.newConnection(unresolved)) { run(connection, a); }
        } catch (Exception e) {
            System.err.println(e + (e.getCause() == null ? "" : ": " + e.getCause()));
            boolean local = e instanceof RuntimeException && !(e instanceof ShutdownSignalException);
            System.exit(e.getMessage() == USAGE ? 2 : local || e instanceof NoSuchFileException || e instanceof SSLException ? 1 : 3);
        }
    }
    static void run(Connection connection, String... a) throws Exception {
        reading = connection.createChannel();
        writing = connection.createChannel();
        writing.confirmSelect();
        writing.addReturnListener((code, text, exchange, key, what, body) -> returned = text);
        reading.basicQos(10);
        reading.basicConsume(SETTINGS.get("prefix") + ".out." + SETTINGS.get("name"), false, new DefaultConsumer(reading) {
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties what, byte[] body) {
                INCOMING.add(new Object[] {envelope.getDeliveryTag(), what, new String(body, UTF_8)});
            }
        });
        if (a[1].equals("send")) send(Files.readString(Path.of(a[2])), List.of(a).subList(3, a.length));
        else if (a[1].equals("status")) status(a[2], a[3], a[4], a[5]);
        else receive(null);
    }
}
