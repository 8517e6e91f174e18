// The main() of every test program: runs all registered suites, or those whose path is given as argument.
#include <cppunit/BriefTestProgressListener.h>
#include <cppunit/CompilerOutputter.h>
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/TestRunner.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <csignal>
#include <iostream>
#include <string>

int main(int argc, char** argv)
{
    // A peer that went away must be an error of the call, never the end of the test program.
    std::signal(SIGPIPE, SIG_IGN);

    CppUnit::TestResult events;
    CppUnit::TestResultCollector results;
    CppUnit::BriefTestProgressListener progress;
    events.addListener(&results);
    events.addListener(&progress);

    CppUnit::TestRunner runner;
    runner.addTest(CppUnit::TestFactoryRegistry::getRegistry().makeTest());
    runner.run(events, argc > 1 ? argv[1] : std::string());

    CppUnit::CompilerOutputter(&results, std::cerr).write();
    if (results.runTests() == 0)
    {
        std::cerr << "no test ran: a suite that is empty by mistake must not pass\n";
        return 1;
    }
    return results.wasSuccessful() ? 0 : 1;
}
