#pragma once

#include <Poco/Util/ServerApplication.h>

#include <string>
#include <vector>

namespace carillon
{

/// The program: finds the command that was called and runs it. Configuration, logging and signals are our own, so Poco's subsystem for them is not
/// started; `--daemon` does not exist, a supervisor keeps the process.
class Application final : public Poco::Util::ServerApplication
{
public:
    static int runMain(int argc, char** argv);

protected:
    void initialize(Poco::Util::Application& self) override;
    void uninitialize() override;
    int main(const std::vector<std::string>& words) override;

private:
    std::vector<std::string> _words;
};

} // namespace carillon
