#pragma once

#include "sqlite/Statement.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;

namespace carillon::sqlite
{

enum class Durability
{
    Full,  ///< a commit is on the disk before it is confirmed: it survives a power cut
    Normal ///< it survives the end of any process; a power cut may take the last commits, never the file's consistency
};

/// One open connection with the project's settings and its cache of prepared statements. Used by one thread at a time.
class Connection
{
public:
    enum class Access
    {
        Write,
        Read ///< refuses every change
    };

    /// Throws what ErrorMapping.h says.
    Connection(const std::filesystem::path& file, Access access, Durability durability, std::chrono::milliseconds busyTimeout);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Prepared once and kept; while one of the same SQL is in use, another is made.
    Statement prepare(std::string_view sql);
    /// Runs statements separated by `;`.
    void execute(const std::string& script);

    bool isInTransaction() const;
    /// Never throws: for the way out of a failed transaction.
    void rollback() noexcept;
    /// How long SQLite itself waits for programs that do not use the turnstile.
    void setBusyTimeout(std::chrono::milliseconds timeout);

    std::int64_t changes() const;
    std::int64_t lastInsertId() const;

private:
    struct TextHash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    struct PocoSession;

    sqlite3_stmt* compile(std::string_view sql, unsigned flags);
    void finalizeAll() noexcept;

    std::filesystem::path _file;
    std::unique_ptr<PocoSession> _session;
    sqlite3* _handle = nullptr;
    std::unordered_map<std::string, PreparedStatement, TextHash, std::equal_to<>> _statements;
};

} // namespace carillon::sqlite
