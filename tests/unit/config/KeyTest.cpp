#include "config/Key.h"

#include <cppunit/extensions/HelperMacros.h>
#include <set>

namespace carillon::config::tests
{

class KeyTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(KeyTest);
    CPPUNIT_TEST(everyKeyIsOnceAndHelpsAndHasAValidDefault);
    CPPUNIT_TEST(everyKeyMatchesItsOwnPath);
    CPPUNIT_TEST(everyKeyHasAMemberOfItsOwn);
    CPPUNIT_TEST(messageTypesMayHoldDotsAndTransportsMayNot);
    CPPUNIT_TEST(onlySecretsHaveFileTwins);
    CPPUNIT_TEST(sectionsAreKnown);
    CPPUNIT_TEST(theNearestKeyKeepsTheWrittenName);
    CPPUNIT_TEST(theRightWordInTheWrongPlaceIsFound);
    CPPUNIT_TEST_SUITE_END();

public:
    void everyKeyIsOnceAndHelpsAndHasAValidDefault()
    {
        std::set<std::string> patterns;
        for (const auto& key : keys())
        {
            CPPUNIT_ASSERT_MESSAGE(key.pattern, patterns.insert(key.pattern).second);
            CPPUNIT_ASSERT_MESSAGE(key.pattern, !key.help.empty());
            if (key.isOptional) continue;
            const auto parsed = parseValue(key.rule, key.defaultText, splitList(key.defaultText));
            CPPUNIT_ASSERT_MESSAGE(key.pattern + " " + parsed.error, parsed.value.has_value());
        }
    }

    void everyKeyMatchesItsOwnPath()
    {
        for (const auto& key : keys())
        {
            const Match found = match(key.path("some_name"));
            CPPUNIT_ASSERT_MESSAGE(key.pattern, found.key == &key);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(key.pattern, std::string(key.isNamed() ? "some_name" : ""), found.name);
        }
    }

    void everyKeyHasAMemberOfItsOwn()
    {
        // Two keys bound to one member, by a slip in the table, would undo each other: with all others set, setting this one must still
        // change something.
        for (const auto& key : keys())
        {
            Configuration configuration;
            for (const auto& each : keys())
            {
                if (&each != &key) each.assign(configuration, "n", otherValue(each.rule));
            }
            const auto before = everything(configuration);
            key.assign(configuration, "n", otherValue(key.rule));
            CPPUNIT_ASSERT_MESSAGE(key.pattern, everything(configuration) != before);
        }
    }

    void messageTypesMayHoldDotsAndTransportsMayNot()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("notification.send"), match("types.notification.send.retry.delay").name);
        CPPUNIT_ASSERT_EQUAL(std::string("notification.send"), match("routing.notification.send").name);
        CPPUNIT_ASSERT_EQUAL(std::string("*"), match("routing.*").name);
        CPPUNIT_ASSERT(match("transports.a.b.dsn").key == nullptr);
        CPPUNIT_ASSERT(match("transports").key == nullptr);
        CPPUNIT_ASSERT(match("admin.port.x").key == nullptr);
        CPPUNIT_ASSERT(match("").key == nullptr);
        CPPUNIT_ASSERT(match("types.delay").key == nullptr);
    }

    void onlySecretsHaveFileTwins()
    {
        const Match twin = match("admin.token_file");
        CPPUNIT_ASSERT(twin.isFileTwin);
        CPPUNIT_ASSERT_EQUAL(std::string("admin.token"), twin.key->pattern);
        CPPUNIT_ASSERT(match("transports.a.dsn_file").isFileTwin);
        CPPUNIT_ASSERT(match("admin.port_file").key == nullptr);
        CPPUNIT_ASSERT(!match("push.fcm.ca_file").isFileTwin);
    }

    void sectionsAreKnown()
    {
        std::string name;
        CPPUNIT_ASSERT(isSection("admin", name));
        CPPUNIT_ASSERT(isSection("transports.x", name));
        CPPUNIT_ASSERT_EQUAL(std::string("x"), name);
        CPPUNIT_ASSERT(isSection("transports.x.retry", name));
        CPPUNIT_ASSERT(isSection("types.notification.send", name));
        CPPUNIT_ASSERT(isSection("types.notification.send.retry", name));
        CPPUNIT_ASSERT(isSection("push.fcm.breaker", name));
        CPPUNIT_ASSERT(!isSection("adnim", name));
        CPPUNIT_ASSERT(!isSection("admin.port", name));
        CPPUNIT_ASSERT(!isSection("admin.port.x", name));
        CPPUNIT_ASSERT(!isSection("transports.x.y", name));
    }

    void theNearestKeyKeepsTheWrittenName()
    {
        CPPUNIT_ASSERT(nearestKey("admin.prot") == "admin.port");
        CPPUNIT_ASSERT(nearestKey("transports.nowhere.retry.max_retires") == "transports.nowhere.retry.max_retries");
        CPPUNIT_ASSERT(nearestKey("types.notification.send.timout") == "types.notification.send.timeout");
        CPPUNIT_ASSERT(nearestKey("transport.notifications.dsn") == "transports.notifications.dsn");
        CPPUNIT_ASSERT(nearestKey("admin.tokn_file") == "admin.token_file");
        CPPUNIT_ASSERT(!nearestKey("completely.different.thing.altogether"));
    }

    void theRightWordInTheWrongPlaceIsFound()
    {
        CPPUNIT_ASSERT(nearestKey("transports.notifications.max_retries") == "transports.notifications.retry.max_retries");
    }

private:
    /// A value that is the default of no key.
    static Value otherValue(const ValueRule& rule)
    {
        switch (rule.kind)
        {
        case ValueKind::Boolean:
            return true;
        case ValueKind::Integer:
        case ValueKind::Size:
            return std::int64_t{77};
        case ValueKind::Number:
            return 0.77;
        case ValueKind::Duration:
            return milliseconds{77};
        case ValueKind::Choice:
            return rule.choices.back();
        case ValueKind::List:
        case ValueKind::PathList:
            return std::vector<std::string>{"other"};
        default:
            return std::string("other");
        }
    }

    /// Every member, in words.
    static std::string everything(const Configuration& c);
};

std::string KeyTest::everything(const Configuration& c)
{
    std::string text;
    const auto add = [&text](const auto& value)
    {
        using Type = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<Type, std::string>)
            text += value;
        else if constexpr (std::is_same_v<Type, std::filesystem::path>)
            text += value.string();
        else if constexpr (std::is_same_v<Type, milliseconds>)
            text += std::to_string(value.count());
        else if constexpr (std::is_enum_v<Type>)
            text += std::to_string(static_cast<int>(value));
        else if constexpr (std::is_same_v<Type, std::vector<std::string>>)
            text += joinList(value);
        else if constexpr (std::is_same_v<Type, std::vector<std::filesystem::path>>)
            for (const auto& path : value) text += path.string();
        else
            text += std::to_string(value);
        text += '|';
    };
    const auto all = [&add](const auto&... values) { (add(values), ...); };
    const auto optional = [&text, &add](const auto&... values) { ((values ? add(*values) : (void)(text += "-|")), ...); };

    all(c.stateDirectory, c.log.level, c.log.format, c.log.output, c.log.file, c.log.queueSize, c.log.overflow, c.log.overflowWait,
        c.log.rotateSize, c.log.rotateKeep, c.plugins.directories, c.plugins.disabled);
    const auto& r = c.store.retention;
    all(c.store.dsn, c.store.durability, c.store.busyDeadline, c.store.freeDiskFloor, r.done, r.dead);
    for (const auto& [name, t] : c.transports)
    {
        all(t.dsn, t.queue, t.exchange.name, t.exchange.type, t.bindingKeys, t.priority, t.retry.maxRetries, t.retry.delay,
            t.retry.multiplier, t.retry.maxDelay, t.retry.jitter, t.lease, t.maxBody, t.maxDepth);
        optional(t.durability);
    }
    for (const auto& [type, names] : c.routing) all(type, names);
    for (const auto& [type, t] : c.types)
    {
        optional(t.retry.maxRetries, t.retry.delay, t.retry.multiplier, t.retry.maxDelay, t.retry.jitter, t.timeout, t.expiresAfter,
                 t.maxConcurrency, t.priority);
    }
    for (const auto& [name, g] : c.groups)
    {
        all(g.transports, g.plugins, g.processes, g.threads, g.maxBatch, g.nice, g.memoryLimit, g.stallAfter, g.backoff.initial,
            g.backoff.max, g.breaker.deaths, g.breaker.window, g.breaker.openFor);
    }
    all(c.worker.drainTimeout, c.worker.heartbeatInterval, c.worker.heartbeatStale, c.clerk.tickMin, c.clerk.tickMax, c.clerk.lease,
        c.clerk.relayBatch, c.clerk.retentionInterval, c.crash.core);
    const auto& a = c.admin;
    all(a.host, a.port, a.token, a.allowedHosts, a.maxBody, a.maxHeader, a.maxDepth, a.maxPage, a.maxConnections, a.threads, a.probeThreads,
        a.requestTimeout, a.keepAliveTimeout);
    const auto& f = c.push.fcm;
    all(c.push.provider, f.endpoint, f.serviceAccountFile, f.projectId, f.tokenUri, f.caFile, f.timeout, f.connectTimeout, f.connections,
        f.maxStreams, f.minRetryDelay, f.maxRetryAfter, f.ttl, f.validateOnly, f.breaker.failures, f.breaker.window, f.breaker.openFor);
    const auto& n = c.notification;
    all(n.rateLimit, n.rateWindow, n.services, n.pushText, n.alert.title, n.alert.body, n.reminder.title, n.reminder.body, n.info.title, n.info.body);
    return text;
}

CPPUNIT_TEST_SUITE_REGISTRATION(KeyTest);

} // namespace carillon::config::tests
