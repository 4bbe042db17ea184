<?php declare(strict_types=1);
const USAGE = <<<'TEXT'
Sends and receives documents through the gateway. Made to be copied: PHP 7.4 or later with curl and json, nothing else.

    qlvb.php URL TOKENFILE AGENCY send PACKAGE.json FILE…  one document; when in doubt run it again: it goes out once
    qlvb.php URL TOKENFILE AGENCY poll DIR                 waits for events, keeps documents in DIR, answers 03
    qlvb.php URL TOKENFILE AGENCY refuse ID REASON         answers 02
Exit 0 done, 1 refused (mend the cause), 2 wrong usage, 3 not reached (run it again later).
QLVB_PATIENCE: for how many seconds a gateway that cannot be reached is tried again; 60 when not set.

TEXT;
final class Refused extends Exception {}     // The same request would be refused again.
final class NotReached extends Exception {}  // Nobody knows whether the gateway took it: the same request again, later.

/** The reply, or with $sha256 the reply in $file. Network failures, 408, 429, 5xx: tried again, later each time. */
function call(string $path, $body = null, string $file = 'php://temp', string $sha256 = ''): string {
    $fields = ['Authorization: Bearer ' . TOKEN, ...(is_string($body) ? ['Content-Type: application/json'] : [])];
    $end = microtime(true) + (float) (getenv('QLVB_PATIENCE') === false ? 60 : getenv('QLVB_PATIENCE'));
    for ($pause = 1; ; $pause = min(2 * $pause, 30)) {
        [$curl, $out, $head] = [curl_init(URL . $path), fopen($file, 'w+b'), fopen('php://memory', 'w+b')];
        curl_setopt_array($curl, [CURLOPT_HTTPHEADER => $fields, CURLOPT_FILE => $out, CURLOPT_WRITEHEADER => $head,
            CURLOPT_CONNECTTIMEOUT => 30, CURLOPT_LOW_SPEED_LIMIT => 1, CURLOPT_LOW_SPEED_TIME => 90]); // > long poll
        if ($body !== null) curl_setopt($curl, CURLOPT_POSTFIELDS, $body); // an array goes out as a form, files in pieces
        $whole = curl_exec($curl);
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        if ($whole && $status < 300 && $sha256 === '') return stream_get_contents($out, -1, 0);
        if ($whole && $status < 300 && $sha256 === hash_file('sha256', $file)) { sync($out); return ''; }
        $trouble = $whole ? 'not the file that was announced' : curl_error($curl);
        if ($status >= 300) $trouble = problem($status, stream_get_contents($out, 65536, 0));
        if ($status >= 300 && $status < 500 && $status !== 408 && $status !== 429) throw new Refused($trouble);
        preg_match('/^Retry-After: *(\d+)/mi', stream_get_contents($head, -1, 0), $wanted);
        $pause = max($pause, (int) ($wanted[1] ?? 0));
        if (microtime(true) + $pause > $end) throw new NotReached($trouble);
        fwrite(STDERR, "$trouble\nagain in $pause s\n");
        usleep($pause * random_int(1000000, 1200000)); // not all clients at the same moment
    }
}

function problem(int $status, string $text): string {
    $p = json_decode($text);
    if (!isset($p->code)) return "$status " . substr($text, 0, 200); // not the gateway, something before it
    $faults = array_map(fn ($e) => "\n  $e->pointer $e->code: $e->detail", $p->errors);
    return "$status $p->code: $p->detail $p->action (request $p->request_id)" . implode($faults);
}

function send(string $package, string ...$files): void {
    if (empty(json_decode(file_get_contents($package), false, 512, JSON_THROW_ON_ERROR)->external_id))
        throw new Refused('external_id is missing: fixed before the first try, it makes a repetition known');
    array_map('filesize', $files); // one is not there: better known before the first try
    $form = ['package' => new CURLFile($package, 'application/json')];
    foreach ($files as $n => $file) $form["file$n"] = new CURLFile($file, 'application/octet-stream', basename($file));
    echo call('/v1/packages', $form), "\n";
}

function poll(string $directory): void {
    $after = is_file("$directory/position") ? file_get_contents("$directory/position") : 0;
    foreach (json_decode(call("/v1/events?after=$after&wait=30"))->events as $event) { // in order, 100 at most
        $folder = "$directory/$event->message_id";
        if (!is_dir($folder)) mkdir($folder, 0777, true);
        foreach ($event->data->document->files ?? [] as $n => $file) // its name is for people, never a path
            call($file->url, null, "$folder/" . ($n + 1), $file->sha256);
        keep("$folder/event-$event->seq.json", json_encode($event, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES));
        call('/v1/events/ack', json_encode(['through' => $event->seq])); // all is stored, not before: now 01 goes out
        foreach ($event->type === 'document.received' ? $event->data->recipients : [] as $code)
            report($event->message_id, $code, '03', 'Đã vào sổ văn bản đến');
        keep("$directory/position", (string) $event->seq); // a crash before this: told again, and that is harmless
    }
}

function sync($out): void { if (function_exists('fsync')) fsync($out); } // PHP 8.1 or later

function keep(string $path, string $text): void { // all of it or nothing
    fwrite($out = fopen("$path.new", 'wb'), $text);
    sync($out);
    rename("$path.new", $path);
}

function report(string $id, string $from, string $code, string $description): void {
    $at = gmdate('Y-m-d\TH:i:s\Z'); // fixed before the first try: it makes a repetition known
    $status = json_encode(compact('from', 'code', 'description', 'at'), JSON_THROW_ON_ERROR);
    echo call('/v1/messages/' . rawurlencode($id) . '/statuses', $status), "\n";
}

if (!(['send' => $argc > 5, 'poll' => $argc === 6, 'refuse' => $argc === 7][$argv[4] ?? ''] ?? false)) {
    fwrite(STDERR, USAGE);
    exit(2);
}
set_error_handler(function ($kind, $text) { throw new ErrorException($text); }, E_WARNING | E_NOTICE); // a warning ends it
try {
    define('URL', rtrim($argv[1], '/'));
    define('TOKEN', trim(file_get_contents($argv[2])));
    if ($argv[4] === 'refuse') report($argv[5], $argv[3], '02', $argv[6]);
    else $argv[4](...array_slice($argv, 5)); // send or poll
} catch (Throwable $e) {
    fwrite(STDERR, $e->getMessage() . "\n");
    exit($e instanceof NotReached ? 3 : 1);
}
