# Needs make and Python 3.11, nothing else. `make help` lists the targets.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-dev demo stop rehearse backup restore test test-mail test-rehearsals test-cluster test-browser test-spark test-bench audit cluster cluster-stop check fix bench docs pictures new-campaign lock clean

VENV   := .venv
PYTHON := $(VENV)/bin/python
PIP    := $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-compile

help:  ## 列出全部命令 (this list)
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.installed  ## 安装运行环境到 .venv (create .venv, install what the product needs)

setup-dev: $(VENV)/.installed-dev  ## 安装开发环境 (the same, with what tests and checks need)

demo: setup  ## 运行完整演示，全程无外部依赖 (the whole campaign on this machine)
	$(PYTHON) -m demo.run

stop: setup  ## 停止演示环境 (stop what `make demo` left running)
	$(PYTHON) -m demo.stack stop

rehearse: setup  ## 全程演练一个专项行动，不发给任何真实单位 (make rehearse CAMPAIGN=wushen_2024 [UNITS=144] [SEED=1] [OUT=folder])
	@test -n "$(CAMPAIGN)" || { echo "请写明专项行动编号，如：make rehearse CAMPAIGN=wushen_2024" >&2; exit 2; }
	@$(PYTHON) -m include.cli rehearse "$(CAMPAIGN)" $(if $(UNITS),--units "$(UNITS)") $(if $(SEED),--seed "$(SEED)") $(if $(OUT),--out "$(OUT)")

test: check  ## 检查并运行全部测试 (checks, unit tests and end-to-end tests; on every core)
	$(PYTHON) -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

test-mail: setup-dev  ## 与真实的 Postfix、Dovecot 对测邮件收发 (mail against real servers; as root, installs them on Debian)
	tests/mail_peers/install.sh
	$(PYTHON) -m pytest tests/gateways/test_mail_*.py tests/gateways/incoming_mail

test-rehearsals: setup-dev  ## 全程演练全部专项行动并核对 (the rehearsals that take minutes)
	$(PYTHON) -m pytest -m slow

cluster: setup  ## 以单机进程运行生产部署的全部组件 (production's components as plain processes; needs PostgreSQL and Redis)
	$(PYTHON) -m demo.cluster start

cluster-stop: setup  ## 停止上述组件 (stop what `make cluster` started)
	$(PYTHON) -m demo.cluster stop

test-cluster: setup-dev  ## 在生产部署的各组件上测试全流程和故障 (the main job and crashes on production's components)
	$(PYTHON) -m pytest -m cluster tests/cluster

backup: setup  ## 备份台账、原件档案、专项行动、权限和 Airflow (make backup [TO=folder] [KEEP=14])
	@$(with_airflow) $(PYTHON) -m include.cli backup $(if $(TO),--to "$(TO)") $(if $(KEEP),--keep "$(KEEP)")

restore: setup  ## 从备份恢复，恢复后停止发送，待核对后确认 (make restore FROM=folder; everything must be stopped)
	@test -n "$(FROM)" || { echo "请写明备份文件夹，如：make restore FROM=.airflow/duban/backups/2026-03-02_023000" >&2; exit 2; }
	@$(with_airflow) $(PYTHON) -m include.cli restore --from "$(FROM)"

test-browser: setup-dev  ## 在真实浏览器中操作督办台 (the desk in Chromium, at a real Airflow; as root, installs it on Debian)
	tests/browser/install.sh
	$(PYTHON) -m pytest -m browser tests/browser

test-spark: setup-dev  ## 筛查规则在 Spark 集群上与 DuckDB 逐条核对 (the rules on Spark; as root, installs Java on Debian)
	tests/gateways/warehouse/install.sh
	$(PIP) --requirement requirements-spark.txt
	$(PYTHON) -m pytest -m spark tests/gateways/warehouse/test_spark.py

test-bench: setup-dev  ## 以最小规模运行全部性能对比，核对两边结果一致 (every benchmark runs, small; needs PostgreSQL and Redis)
	$(PYTHON) -m pytest -m bench tests/bench

check: setup-dev  ## 代码与专项行动文件检查 (lint, format, types, import directions, campaign files)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy include/domain include/steps include/desk
	$(VENV)/bin/lint-imports
	$(PYTHON) -m include.cli campaigns check

fix: setup-dev  ## 自动修正格式 (format and apply safe lint fixes)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: setup-dev  ## 运行全部性能对比 (every benchmark, against its baseline)
	@for file in $$(grep -l __main__ bench/*.py); do \
		name=$$(basename "$$file" .py); echo "== $$name"; $(PYTHON) -m "bench.$$name" || exit 1; \
	done

bench-%: setup-dev  ## 运行一项性能对比 (one of them: make bench-ingest)
	$(PYTHON) -m bench.$*

docs: setup-dev  ## 重新生成参考文档 (regenerate docs/reference)
	$(PYTHON) -m docs.generate

pictures: setup-dev  ## 从运行中的演示截取手册插图 (the handbook's pictures, out of the running demo; needs Chromium)
	$(PYTHON) -m docs.pictures

new-campaign: setup  ## 新建专项行动文件夹 (make new-campaign NAME=city_2026 [START=2026-03-02])
	@test -n "$(NAME)" || { echo "请写明名称，如：make new-campaign NAME=city_2026" >&2; exit 2; }
	@$(PYTHON) -m include.cli campaigns new "$(NAME)" $(if $(START),--start "$(START)")

lock:  ## 重新锁定依赖版本 (compile requirements*.in with uv; UPGRADE=1 takes newer versions)
	@$(find_python); tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	"$$python" -m venv "$$tools" && "$$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv && \
	compile() { "$$tools/bin/uv" pip compile --quiet --python-version 3.11 --no-header --annotation-style line \
		--no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) "$$@"; }; \
	compile requirements.in -o requirements.txt && \
	compile requirements-dev.in -c requirements.txt -o requirements-dev.txt

audit:  ## 核对依赖的已知漏洞 (known vulnerabilities of the pinned packages; asks pypi.org, fails where it cannot)
	@$(find_python); tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	"$$python" -m venv "$$tools" && "$$tools/bin/python" -m pip install --quiet --disable-pip-version-check pip-audit && \
	"$$tools/bin/pip-audit" --strict --no-deps --disable-pip --progress-spinner off \
		--requirement requirements.txt --requirement requirements-dev.txt

clean:  ## 删除缓存（保留 .venv 与 .airflow 数据）(remove caches; keeps .venv and .airflow)
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# The demo's own Airflow, unless the environment names another.
with_airflow = AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="$${AIRFLOW__DATABASE__SQL_ALCHEMY_CONN:-$(if $(wildcard .airflow/airflow.db),sqlite:///$(CURDIR)/.airflow/airflow.db)}"

# A stamp per requirements file: a second run has nothing to do until the file changes.
# Compiled here, on all cores: pip would take twice as long on one, and without it every start of Airflow would.
# A few packages carry templates that are no valid Python; they must not fail the installation.
$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(PIP) --requirement requirements.txt
	@$(PYTHON) -m compileall -qq -j 0 $(VENV)/lib || true
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(PIP) --requirement requirements-dev.txt
	@$(PYTHON) -m compileall -qq -j 0 $(VENV)/lib || true
	@touch $@

$(VENV)/bin/python:
	@$(find_python); "$$python" -m venv $(VENV) || { \
		echo "未能创建虚拟环境；Debian/Ubuntu 请先安装 python3.11-venv" >&2; \
		echo "Could not create a virtual environment; on Debian/Ubuntu install python3.11-venv" >&2; exit 1; }

# Sets the shell variable `python` to a Python 3.11, or says what is missing.
define find_python
python=""; for candidate in python3.11 python3 python; do \
	if "$$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then \
		python=$$candidate; break; \
	fi; \
done; \
if [ -z "$$python" ]; then \
	echo "未找到 Python 3.11，请先安装（命令 python3.11 可用即可）" >&2; \
	echo "Python 3.11 was not found; install it so that python3.11 is on the PATH" >&2; exit 1; \
fi
endef
