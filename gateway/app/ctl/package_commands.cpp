// package to-envelope|import: packages without a daemon.
#include "gateway/app/ctl/command.hpp"
#include "gateway/app/ctl/convert.hpp"
#include "gateway/app/ctl/files.hpp"
#include "gateway/app/ctl/stated_classes.hpp"
#include "gateway/base/file.hpp"
#include "gateway/base/text.hpp"
#include "gateway/package/import.hpp"

#include <boost/asio/io_context.hpp>

#include <iostream>

namespace axis::ctl {

namespace {

constexpr std::size_t import_bytes_max = 128 * 1024 * 1024;  // files in base64 are read whole

struct Import {
    std::string shape, file, with, folder;
    StatedClasses classes;
};

int run_to_envelope(const Options& o, ToEnvelope task, const std::string& trace) {
    if (!trace.empty()) {
        const auto code = model::AgencyCode::parse(trace);
        if (!code) {
            std::cerr << "--trace " << trace << o.say(": không phải mã cơ quan\n", ": not an agency code\n");
            return usage;
        }
        task.trace = *code;
    }
    asio::io_context io;
    SystemRandom random;
    const auto document = to_envelope(task, SystemClock{io}.now(), random);
    if (!document) return print_error(o, document.error());
    std::cout << task.out << " " << document->document_id << "\n";
    return done;
}

Result<package::Imported> import_file(const Import& task) {
    auto source = read_file(task.file, import_bytes_max);
    if (!source) return source.error();
    std::string supplement;
    if (!task.with.empty()) {
        auto more = read_file(task.with);
        if (!more) return more.error();
        supplement = std::move(*more);
    }
    const auto shape = package::shape_named(task.shape);
    AXIS_ASSERT(shape);  // CLI11 has checked the word
    return package::import_package(*shape, *source, supplement, task.classes.stated());
}

int run_import(const Options& o, const Import& task) {
    const auto imported = import_file(task);
    if (!imported) {
        const auto error = imported.error();
        if (!error.faults.empty()) std::cerr << task.file << ": " << error.detail << "\n";
        return print_error(o, error);
    }
    const auto paths = write_package(*imported, task.folder);
    if (!paths) return print_error(o, paths.error());
    for (const auto& pointer : imported->left_out)
        std::cerr << o.say("bỏ qua ", "left out ") << pointer << "\n";
    for (const auto& path : *paths) std::cout << path << "\n";
    return done;
}

}  // namespace

void add_package_commands(CLI::App& app, Options& o, Run& run) {
    auto* package = app.add_subcommand("package", "packages, without a daemon")->require_subcommand(1);

    auto* convert = package->add_subcommand("to-envelope", "a package and its files as edXML");
    auto task = std::make_shared<ToEnvelope>();
    auto trace = std::make_shared<std::string>();
    convert->add_option("PACKAGE", task->package, "package.json")->required();
    convert->add_option("--files", task->files, "folder of its files; beside it when not given");
    convert->add_option("-o,--out", task->out, "new file")->required();
    convert->add_option("--trace", *trace, "begin the trace with this agency, now");
    convert->add_flag("--as-received", task->as_received, "remake the envelope it was made from");
    convert->callback([&o, &run, task, trace] {
        run = [&o, task, trace] { return run_to_envelope(o, *task, *trace); };
    });

    auto* import = package->add_subcommand("import", "JSON of other software as a package");
    auto source = std::make_shared<Import>();
    import->add_option("--shape", source->shape, "pvn, flat or inline")
        ->required()
        ->check(CLI::IsMember({"pvn", "flat", "inline"}));
    import->add_option("FILE", source->file)->required();
    import->add_option("--with", source->with, "JSON of a package: what the shape cannot say");
    import->add_option("-o,--out", source->folder, "folder for package.json")->required();
    source->classes.add_to(*import);
    import->callback([&o, &run, source] { run = [&o, source] { return run_import(o, *source);
};
}  // namespace axis::ctl
);
}

}  // namespace axis::ctl
