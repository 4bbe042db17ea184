// ForgettingDisk: a Disk over a real folder that can fail its N-th call, and at crash() forgets what was not
// synced.
//
// Two crashes bracket what a real one leaves: `nothing` loses every name whose directory was not synced and
// all bytes whose file was not; `names` keeps the names of the moment and loses only the bytes (a rename that
// overtook its data).
#pragma once

#include "gateway/base/file.hpp"
#include "gateway/spool/spool.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <string>

namespace axis::test {

class ForgettingDisk : public spool::Disk {
public:
    enum class Keep { nothing, names };
    using Path = std::filesystem::path;

    // `root` is taken as durable; everything below it must be made through this disk.
    explicit ForgettingDisk(Path root) : root_{std::move(root)} {}

    // The n-th call from now (1 = the next) fails without effect; all others work.
    void fail_call(std::size_t n) { fail_at_ = calls_ + n; }
    void fail_no_more() { fail_at_ = 0; }
    bool failed() const { return fail_at_ != 0 && calls_ >= fail_at_; }
    void crash(Keep keep) {
        const auto names = keep == Keep::names ? now_ : durable_;
        for (const auto& entry : std::filesystem::directory_iterator{root_})
            std::filesystem::remove_all(entry.path());
        now_.clear();
        for (const auto& [path, node] : names) restore(path, node);
        durable_ = now_;
        open_.clear();
    }

    Result<int> create(const Path& path) override {
        auto called = call();
        if (!called) return called.error();
        auto fd = real_.create(path);
        if (fd)
            open_[*fd] = now_[path] =
                std::make_shared<Node>(Node{.is_directory = false, .path = path, .synced = {}});
        return fd;
    }
    Result<> write(int fd, std::string_view bytes) override {
        auto called = call();
        return called ? real_.write(fd, bytes) : called;
    }
    Result<> sync(int fd) override {
        auto called = call();
        if (!called) return called;
        auto& node = *open_.at(fd);
        auto content = read_file(node.path, 1u << 30);
        if (!content) return content.error();
        node.synced = std::move(*content);
        return {};
    }
    void close(int fd) override {
        open_.erase(fd);
        real_.close(fd);
    }
    Result<> rename(const Path& from, const Path& to) override {
        auto called = call();
        if (!called) return called;
        auto renamed = real_.rename(from, to);
        if (!renamed) return renamed;
        now_[to] = std::move(now_.at(from));
        now_[to]->path = to;
        now_.erase(from);
        return {};
    }
    Result<> sync_directory(const Path& path) override {
        auto called = call();
        if (!called) return called;
        std::erase_if(durable_, [&](const auto& entry) { return entry.first.parent_path() == path; });
        for (const auto& entry : now_)
            if (entry.first.parent_path() == path) durable_.insert(entry);
        return {};
    }
    Result<> remove(const Path& path) override {
        auto called = call();
        if (!called) return called;
        now_.erase(path);
        return real_.remove(path);
    }
    Result<bool> make_directory(const Path& path) override {
        auto called = call();
        if (!called) return called.error();
        auto made = real_.make_directory(path);
        if (made && *made)
            now_[path] = std::make_shared<Node>(Node{.is_directory = true, .path = path, .synced = {}});
        return made;
    }
    Result<bool> touch(const Path& path) override {
        auto called = call();
        return called ? real_.touch(path) : called.error();
    }
    Result<bool> stamp(const Path& path, Time at) override {
        auto called = call();
        return called ? real_.stamp(path, at) : called.error();
    }
    Result<std::uint64_t> free_bytes(const Path& path) override { return real_.free_bytes(path); }

private:
    struct Node {
        bool is_directory;
        Path path;
        std::string synced;
    };
    using Names = std::map<Path, std::shared_ptr<Node>>;

    Result<> call() {
        if (++calls_ == fail_at_) return Error{errc::io_failed, "made to fail"};
        return {};
    }

    // A name whose folder is forgotten is forgotten too; the map's order gives folders first.
    void restore(const Path& path, const std::shared_ptr<Node>& node) {
        if (path.parent_path() != root_ && !now_.contains(path.parent_path())) return;
        if (node->is_directory)
            std::filesystem::create_directory(path);
        else
            std::ofstream{path, std::ios::binary} << node->synced;
        auto copy = std::make_shared<Node>(*node);
        copy->path = path;
        now_[path] = copy;
    }

    Path root_;
    Disk& real_ = spool::posix_disk();
    Names now_, durable_;
    std::map<int, std::shared_ptr<Node>> open_;
    std::size_t calls_ = 0;
    std::size_t fail_at_ = 0;
};

}  // namespace axis::test
