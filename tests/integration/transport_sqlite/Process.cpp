// The other process: does what its arguments say and tells on standard output what is certain, a line each.
#include "FullDisk.h"
#include "carillon/Errors.h"
#include "transports/sqlite/SqliteTransport.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace carillon;
using carillon::sqlite::Database;
using carillon::sqlite::Session;
using carillon::transports::sqlite::SqliteTransport;

namespace
{

void say(const std::string& line) { std::cout << line << std::endl; }

Envelope envelope(const std::string& id)
{
    Envelope result;
    result.id = id;
    result.type = "notification.send";
    result.body = "{}";
    result.publishedAt = systemClock().now();
    return result;
}

/// Says each id once it is confirmed.
void publish(SqliteTransport& transport, const std::string& prefix, int count)
{
    for (int i = 0; i < count; ++i)
    {
        const auto results = transport.publish(std::vector<Envelope>{envelope(prefix + std::to_string(i))});
        if (results[0].status == port::PublishResult::Status::Confirmed) say(results[0].id);
    }
}

/// Says each id once its removal is committed; ends when nothing came for a while.
void consume(SqliteTransport& transport)
{
    const auto consumer = transport.consume({});
    for (;;)
    {
        const auto deliveries = consumer->take(5, 2s);
        if (deliveries.empty()) return;
        std::vector<port::Settlement> settlements;
        for (const auto& delivery : deliveries) settlements.push_back({.delivery = &delivery});
        const auto wereOurs = consumer->settle(settlements);
        for (std::size_t i = 0; i < deliveries.size(); ++i)
            if (wereOurs[i]) say(deliveries[i].envelope.id);
    }
}

/// Stays within a transaction that has written something.
void hold(Database& database)
{
    database.write(
        [](Session& session)
        {
            session.execute("CREATE TABLE never_committed(v)");
            say("inside");
            pause();
        });
}

/// Takes one message and neither settles nor lives on.
void takeAndPause(SqliteTransport& transport)
{
    port::ConsumerOptions options;
    options.lease = 300ms;
    const auto consumer = transport.consume(options);
    say(consumer->take(1, 20s).at(0).envelope.id);
    pause();
}

void waitForOne(SqliteTransport& transport)
{
    const auto consumer = transport.consume({});
    say("waiting");
    // Far longer than the test waits: only a wake-up can end this in time.
    for (const auto& delivery : consumer->take(1, 10min)) say(delivery.envelope.id);
}

int run(const std::vector<std::string>& arguments)
{
    const std::string& act = arguments.at(0);
    if (act == "full-disk") return tests::runOnFullDisk(arguments.at(1));
    if (act == "as-nobody" && setuid(65534) != 0) return 77;

    const auto database = Database::open(arguments.at(1), {.freeDiskFloor = 0});
    SqliteTransport transport(database, {.name = "tested", .queues = {"q"}});
    transport.setUp();
    if (act == "publish")
        publish(transport, arguments.at(2), std::stoi(arguments.at(3)));
    else if (act == "consume")
        consume(transport);
    else if (act == "hold")
        hold(*database);
    else if (act == "take-and-pause")
        takeAndPause(transport);
    else if (act == "wait")
        waitForOne(transport);
    else if (act == "as-nobody")
        say("opened");
    else
        return 2;
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    // A test that is killed leaves nobody behind.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    try
    {
        return run(std::vector<std::string>(argv + 1, argv + argc));
    }
    catch (const std::exception& error)
    {
        say(std::string("error: ") + error.what());
        return 1;
    }
}
