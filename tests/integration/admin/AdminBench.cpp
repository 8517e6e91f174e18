#include "AdminBench.h"

#include "port/DeadLetters.h"
#include "port/Ledger.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace carillon::tests::admin
{
namespace
{

constexpr const char* schemaText =
    R"({"type": "object", "required": ["userId", "type", "title", "body", "serviceName"], "additionalProperties": false,
    "properties": {"userId": {"type": "string"}, "type": {"enum": ["alert", "reminder", "info"]}, "title": {"type": "string", "maxLength": 20},
                   "body": {"type": "string"}, "data": {"type": ["object", "array"]}, "serviceName": {"type": "string"}}})";

AdminBench::Setup setUpWith(const std::function<void(AdminBench::Setup&)>& adjust)
{
    AdminBench::Setup setup;
    setup.admin.port = 0;
    setup.admin.token = token;
    setup.admin.requestTimeout = std::chrono::seconds(5);
    setup.database.durability = sqlite::Durability::Normal;
    setup.groups["default"] = {{"notifications"}, std::chrono::seconds(30)};
    if (adjust) adjust(setup);
    return setup;
}

} // namespace

void RecordedLines::write(LogLevel, std::string_view source, std::string_view message, std::initializer_list<LogField> fields) noexcept
{
    const std::lock_guard lock(_mutex);
    _text += fmt::format("{}: {}", source, message);
    for (const LogField& field : fields) _text += fmt::format(" {}={}", field.key, field.value);
    _text += '\n';
}

std::string RecordedLines::text() const
{
    const std::lock_guard lock(_mutex);
    return _text;
}

AdminBench::AdminBench(const std::function<void(Setup&)>& adjust)
    : _database(sqlite::Database::open(_directory / "carillon.db", setUpWith(adjust).database)),
      _store(_database),
      _transport(_database, {"notifications", {"notifications"}, 256 << 10}),
      _audit(_directory / "audit.log", systemClock())
{
    const Setup setup = setUpWith(adjust);
    _store.setUp();
    _transport.setUp();
    _router.add("notification.send", {&_transport});
    publish::MessageType type;
    type.plugin = "send";
    type.schema = std::make_shared<schema::Schema>(schemaText);
    _catalogue.add("notification.send", std::move(type));
    _publisher.emplace(_router, _catalogue, schema::BodyLimits{}, _store.ledger(), _store, systemClock());
    for (const auto& board : {_master, _worker})
    {
        board->adopt();
        board->setState(metrics::State::Ready);
    }
    _worker->memory().header.handlerThreads = 4;
    const auto boards = [this]
    {
        std::vector<metrics::BoardSnapshot> snapshots;
        for (const auto& board : {_master, _worker}) snapshots.push_back(metrics::snapshot(*board));
        return snapshots;
    };
    _server.emplace(setup.admin, carillon::admin::Instance{_store,
                                                           {{"notifications", &_transport}},
                                                           *_publisher,
                                                           boards,
                                                           setup.groups,
                                                           _audit,
                                                           systemClock(),
                                                           Logger(_log, "admin"),
                                                           "1.2.3"});
    _server->start();
}

AdminBench::~AdminBench() = default;

std::string AdminBench::auditLog() const
{
    std::ifstream file(_directory / "audit.log");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Reply AdminBench::call(const std::string& method, const std::string& target, const std::string& body, const std::string& headers) const
{
    RawClient client(address());
    const std::string length = body.empty() ? "" : fmt::format("Content-Length: {}\r\n", body.size());
    client.send(fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n{}{}\r\n{}", method, target, address(), token,
                            headers, length, body));
    return client.receive(method == "HEAD");
}

Reply AdminBench::callWithoutToken(const std::string& method, const std::string& target, const std::string& headers) const
{
    RawClient client(address());
    client.send(fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", method, target, address(), headers));
    return client.receive(method == "HEAD");
}

std::int64_t AdminBench::documents() const
{
    return _database->read(
        [](sqlite::Session& session)
        {
            auto row = session.prepare("SELECT count(*) FROM notifications");
            row.step();
            return row.integer(0);
        });
}

void AdminBench::bury(const std::string& id, const std::string& body)
{
    Envelope envelope;
    envelope.id = id;
    envelope.type = "notification.send";
    envelope.body = body;
    envelope.attempt = 4;
    envelope.publishedAt = systemClock().now();
    port::Decision decision;
    decision.envelope = &envelope;
    decision.decided = port::Decided::Dead;
    decision.failure = port::Failure{systemClock().now(), 4, "unavailable", "the provider did not answer"};
    decision.transport = "notifications";
    _store.ledger().decide({&decision, 1}, {});
}

std::string notificationBody(const std::string& title)
{
    return nlohmann::json{{"userId", "patient-7"},   {"type", "reminder"},       {"title", title}, {"body", "Prenez votre traitement"},
                          {"data", {{"a", {1, 2}}}}, {"serviceName", "diabetes"}}
        .dump();
}

} // namespace carillon::tests::admin
