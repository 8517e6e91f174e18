#pragma once

#include "RawClient.h"
#include "admin/Server.h"
#include "metrics/Board.h"
#include "publish/Router.h"
#include "sqlite/Database.h"
#include "stores/sqlite/SqliteStore.h"
#include "support/TemporaryDirectory.h"
#include "transports/sqlite/SqliteTransport.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace carillon::tests::admin
{

inline const std::string token = "0123456789abcdef0123456789abcdef";

/// Keeps every line, with its fields. Thread-safe.
class RecordedLines final : public LogSink
{
public:
    bool isEnabled(LogLevel, std::string_view) const noexcept override { return true; }
    void write(LogLevel level, std::string_view source, std::string_view message, std::initializer_list<LogField> fields) noexcept override;
    std::string text() const;

private:
    mutable std::mutex _mutex;
    std::string _text;
};

/// A running server over a real store and transport on one file.
class AdminBench
{
public:
    struct Setup
    {
        config::Admin admin;
        sqlite::Options database;
        std::map<std::string, carillon::admin::ConsumingGroup> groups;
    };
    explicit AdminBench(const std::function<void(Setup&)>& adjust = {});
    ~AdminBench();

    const std::string& address() const { return _server->address(); }
    carillon::admin::Server& server() { return *_server; }
    port::Store& store() { return _store; }
    port::Transport& transport() { return _transport; }
    metrics::Board& worker() { return *_worker; }
    metrics::Board& master() { return *_master; }
    std::string log() const { return _log.text(); }
    std::string auditLog() const;
    std::int64_t documents() const;
    /// A folder in the audit log's place: root may write any file.
    void forbidAudit() { std::filesystem::create_directory(_directory / "audit.log"); }

    /// One request on a connection of its own, with the token and a Host; `headers` are lines ending with CRLF.
    Reply call(const std::string& method, const std::string& target, const std::string& body = "", const std::string& headers = "") const;
    Reply post(const std::string& target, const std::string& body) const
    {
        return call("POST", target, body, "Content-Type: application/json\r\n");
    }
    Reply callWithoutToken(const std::string& method, const std::string& target, const std::string& headers = "") const;
    nlohmann::json get(const std::string& target) const { return nlohmann::json::parse(call("GET", target).body); }

    /// Makes it a dead letter, as a worker would.
    void bury(const std::string& id, const std::string& body = "{}");

private:
    TemporaryDirectory _directory;
    RecordedLines _log;
    std::shared_ptr<sqlite::Database> _database;
    stores::sqlite::SqliteStore _store;
    transports::sqlite::SqliteTransport _transport;
    publish::Router _router;
    publish::MessageCatalogue _catalogue;
    std::optional<publish::Publisher> _publisher;
    audit::AuditLog _audit;
    std::shared_ptr<metrics::Board> _master = metrics::Board::inMemory({metrics::Role::Master, "master", 0, 1});
    std::shared_ptr<metrics::Board> _worker = metrics::Board::inMemory({metrics::Role::Worker, "default", 0, 1});
    std::optional<carillon::admin::Server> _server;
};

/// A good body of notification.send.
std::string notificationBody(const std::string& title = "Rappel");

} // namespace carillon::tests::admin
