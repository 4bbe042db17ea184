// Sends and receives documents through the gateway. Made to be copied: .NET 6 or later, nothing else. Exit codes: ../README.md
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

static class Program {
    static readonly HttpClient Client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
    // The reply, or nothing and the reply in `file`. Network failures, 408, 429, 5xx: tried again, later each time.
    static async Task<string> Call(string path, Func<HttpContent> body = null, string file = null, string sha256 = null) {
        var end = DateTime.UtcNow.AddSeconds(int.Parse(Environment.GetEnvironmentVariable("QLVB_PATIENCE") ?? "60"));
        for (var pause = 1; ; pause = Math.Min(2 * pause, 30)) {
            var trouble = "not the file that was announced";
            try {
                using (var limit = new CancellationTokenSource(TimeSpan.FromMinutes(body == null && file == null ? 2 : 60)))
                using (var ask = new HttpRequestMessage(new HttpMethod(body == null ? "GET" : "POST"), path) { Content = body?.Invoke() })
                using (var reply = await Client.SendAsync(ask, HttpCompletionOption.ResponseHeadersRead, limit.Token)) {
                    var status = (int)reply.StatusCode;
                    if (status < 300 && file == null) return await reply.Content.ReadAsStringAsync();
                    if (status < 300 && await Store(await reply.Content.ReadAsStreamAsync(), file, limit.Token) == sha256) return "";
                    if (status >= 300) trouble = Problem(status, await reply.Content.ReadAsStringAsync());
                    if (status >= 300 && status < 500 && status != 408 && status != 429) throw new InvalidOperationException(trouble);
                    pause = Math.Max(pause, (int)(reply.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0));
                }
            } catch (Exception e) when (e is HttpRequestException || e is IOException || e is OperationCanceledException) {
                trouble = e.GetBaseException().Message;
            }
            if (DateTime.UtcNow.AddSeconds(pause) > end) throw new TimeoutException(trouble);
            Console.Error.WriteLine($"{trouble}\nagain in {pause} s");
            await Task.Delay(pause * new Random().Next(1000, 1200));  // not all clients at the same moment
        }
    }

    static async Task<string> Store(Stream input, string file, CancellationToken limit) {  // is on disk then; gives the SHA-256
        using (var output = new FileStream(file, FileMode.OpenOrCreate)) {  // what was there is written over
            await input.CopyToAsync(output, 65536, limit);
            output.SetLength(output.Position);
            output.Flush(true);
            output.Position = 0;
            return string.Concat(System.Security.Cryptography.SHA256.Create().ComputeHash(output).Select(octet => octet.ToString("x2")));
        }
    }
    static string Problem(int status, string text) {
        if (!text.StartsWith("{\"type\":\"urn:axis:error:")) return $"{status} {text}";  // not the gateway, something before it
        var p = JsonNode.Parse(text);
        var faults = p["errors"].AsArray().Select(e => $"\n  {e["pointer"]} {e["code"]}: {e["detail"]}");
        return $"{status} {p["code"]}: {p["detail"]} {p["action"]} (request {p["request_id"]}){string.Concat(faults)}";
    }
    static Stream Bytes(string text) => new MemoryStream(Encoding.UTF8.GetBytes(text));
    static HttpContent Json(string text) => new StringContent(text, Encoding.UTF8, "application/json");

    static async Task Send(string package, IEnumerable<string> files) {
        if (string.IsNullOrEmpty((string)JsonNode.Parse(File.ReadAllText(package))["external_id"]))
            throw new InvalidOperationException("external_id is missing: fixed before the first try, it makes a repetition known");
        foreach (var file in files) File.OpenRead(file).Dispose();  // not there: better known before the first try
        Console.WriteLine(await Call("v1/packages", () => {  // made anew at each try, sent piece by piece
            var form = new MultipartFormDataContent();
            form.Add(Json(File.ReadAllText(package)), "package");
            foreach (var file in files) form.Add(new StreamContent(File.OpenRead(file)), "file", Path.GetFileName(file));
            return form;
        }));
    }

    static async Task Poll(string directory) {  // acknowledges what is stored, not before: then 01 goes out
        var position = Path.Combine(Directory.CreateDirectory(directory).FullName, "position");
        var after = File.Exists(position) ? File.ReadAllText(position) : "0";
        foreach (var e in JsonNode.Parse(await Call($"v1/events?after={after}&wait=30"))["events"].AsArray()) {
            var folder = Directory.CreateDirectory(Path.Combine(directory, (string)e["message_id"])).FullName;
            var files = e["data"]["document"]?["files"]?.AsArray() ?? new JsonArray();
            for (var n = 0; n < files.Count; n++)  // a name is for people, never a path
                await Call(((string)files[n]["url"]).TrimStart('/'), null, Path.Combine(folder, $"{n + 1}"), (string)files[n]["sha256"]);
            await Store(Bytes(e.ToJsonString()), Path.Combine(folder, $"event-{e["seq"]}.json"), CancellationToken.None);
            await Call("v1/events/ack", () => Json($"{{\"through\":{e["seq"]}}}"));
            if ((string)e["type"] == "document.received")
                foreach (var code in e["data"]["recipients"].AsArray())  // those of our agencies it is for
                    await Report((string)e["message_id"], (string)code, "03", "Đã vào sổ văn bản đến");
            await Store(Bytes($"{(long)e["seq"]:D20}"), position, CancellationToken.None);  // in place: the old one or the new
        }
    }
    static async Task Report(string id, string from, string code, string description) {
        var at = DateTime.UtcNow.ToString("s") + "Z";  // fixed before the first try: it makes a repetition known
        var status = JsonSerializer.Serialize(new { from, code, description, at });
        Console.WriteLine(await Call($"v1/messages/{id}/statuses", () => Json(status)));
    }
    static async Task<int> Main(string[] a) {
        try {
            if (a.Length < 5 || a[3] != "send" && a[3] + a.Length != "poll5" && a[3] + a.Length != "refuse6")
                throw new ArgumentException("Program URL TOKENFILE AGENCY send PACKAGE.json FILE… | poll DIR | refuse ID REASON");
            Client.BaseAddress = new Uri(a[0].TrimEnd('/') + "/");
            Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadAllText(a[1]).Trim());
            if (a[3] == "send") await Send(a[4], a.Skip(5));
            else if (a[3] == "poll") await Poll(a[4]);
            else await Report(a[4], a[2], "02", a[5]);
            return 0;
        } catch (Exception e) {
            Console.Error.WriteLine(e.Message);
            return e is TimeoutException ? 3 : e is ArgumentException ? 2 : 1;
        }
    }
}
