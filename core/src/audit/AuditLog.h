#pragma once

#include "carillon/Clock.h"

#include <filesystem>
#include <string>

namespace carillon::audit
{

/// The operators' acts on messages, a JSON line each: `{"act":"retried a dead letter","at":"…","by":"…","what":"<message id>"}`.
///
/// A line is appended by one write, so the command line and the HTTP API of several processes may share the file. Thread-safe.
class AuditLog
{
public:
    /// `file` is created (mode 0600) by the first line; a symbolic link is refused. The clock must outlive this.
    AuditLog(std::filesystem::path file, const Clock& clock) : _file(std::move(file)), _clock(clock) {}

    /// Call it before the act; blocks on the disk. Throws Error when the line cannot be written: then the act must not be done.
    void record(const std::string& by, const std::string& act, const std::string& what) const;

private:
    const std::filesystem::path _file;
    const Clock& _clock;
};

/// Who runs this process, for `by`: `uid 1000 (name)`, the name behind sudo when there is one.
std::string processUser();

} // namespace carillon::audit
