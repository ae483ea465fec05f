-- The tables of a board's database at version 0004, as the program before Django made them.
CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE account (
  id INTEGER NOT NULL,
  "key" VARCHAR(16) NOT NULL,
  sign_in VARCHAR(60) NOT NULL,
  label VARCHAR(60) NOT NULL,
  role VARCHAR(20) NOT NULL,
  password VARCHAR(200) NOT NULL,
  active BOOLEAN NOT NULL,
  failed INTEGER NOT NULL,
  locked_until DATETIME,
  made_at DATETIME NOT NULL, salt VARCHAR(64),
  CONSTRAINT pk_account PRIMARY KEY (id),
  CONSTRAINT uq_account_key UNIQUE ("key"),
  CONSTRAINT uq_account_label UNIQUE (label),
  CONSTRAINT uq_account_sign_in UNIQUE (sign_in)
);
CREATE TABLE trail (
  seq INTEGER NOT NULL,
  at VARCHAR(40) NOT NULL,
  actor VARCHAR(16) NOT NULL,
  action VARCHAR(40) NOT NULL,
  subject VARCHAR(60) NOT NULL,
  detail TEXT NOT NULL,
  previous VARCHAR(64) NOT NULL,
  hash VARCHAR(64) NOT NULL,
  CONSTRAINT pk_trail PRIMARY KEY (seq)
);
CREATE TABLE caseload (
  id INTEGER NOT NULL,
  "key" VARCHAR(16) NOT NULL,
  title VARCHAR(80) NOT NULL,
  loaded_at DATETIME NOT NULL,
  loaded_by_id INTEGER NOT NULL,
  file_digest VARCHAR(71) NOT NULL,
  as_of VARCHAR(40) NOT NULL,
  policy_digest VARCHAR(71) NOT NULL,
  scenario VARCHAR(80),
  rows INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  removed_at DATETIME,
  CONSTRAINT pk_caseload PRIMARY KEY (id),
  CONSTRAINT fk_caseload_loaded_by_id FOREIGN KEY(loaded_by_id) REFERENCES account (id),
  CONSTRAINT uq_caseload_key UNIQUE ("key")
);
CREATE TABLE meeting (
  id INTEGER NOT NULL,
  "key" VARCHAR(16) NOT NULL,
  title VARCHAR(80) NOT NULL,
  held_on DATE NOT NULL,
  opened_at DATETIME NOT NULL,
  opened_by_id INTEGER NOT NULL,
  minutes TEXT NOT NULL,
  closed_at DATETIME,
  closed_by_id INTEGER,
  record JSON,
  version INTEGER NOT NULL, salt VARCHAR(64),
  CONSTRAINT pk_meeting PRIMARY KEY (id),
  CONSTRAINT fk_meeting_closed_by_id FOREIGN KEY(closed_by_id) REFERENCES account (id),
  CONSTRAINT fk_meeting_opened_by_id FOREIGN KEY(opened_by_id) REFERENCES account (id),
  CONSTRAINT uq_meeting_key UNIQUE ("key")
);
CREATE TABLE signed_in (
  digest VARCHAR(64) NOT NULL,
  account_id INTEGER NOT NULL,
  csrf VARCHAR(64) NOT NULL,
  since DATETIME NOT NULL,
  seen DATETIME NOT NULL,
  CONSTRAINT pk_signed_in PRIMARY KEY (digest),
  CONSTRAINT fk_signed_in_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE board_case (
  id INTEGER NOT NULL,
  "key" VARCHAR(16) NOT NULL,
  caseload_id INTEGER NOT NULL,
  ref VARCHAR(20),
  decision_date DATE,
  facts JSON,
  groups JSON,
  level VARCHAR(80),
  answers JSON,
  size BIGINT,
  above_trigger BOOLEAN,
  salt VARCHAR(64),
  seal VARCHAR(71) NOT NULL,
  settled_at DATETIME,
  removed_at DATETIME,
  CONSTRAINT pk_board_case PRIMARY KEY (id),
  CONSTRAINT fk_board_case_caseload_id FOREIGN KEY(caseload_id) REFERENCES caseload (id),
  CONSTRAINT uq_board_case_caseload_id_ref UNIQUE (caseload_id, ref),
  CONSTRAINT uq_board_case_key UNIQUE ("key")
);
CREATE TABLE present (
  id INTEGER NOT NULL,
  meeting_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  CONSTRAINT pk_present PRIMARY KEY (id),
  CONSTRAINT fk_present_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_present_meeting_id FOREIGN KEY(meeting_id) REFERENCES meeting (id),
  CONSTRAINT uq_present_meeting_id_account_id UNIQUE (meeting_id, account_id)
);
CREATE TABLE sample (
  id INTEGER NOT NULL,
  "key" VARCHAR(16) NOT NULL,
  caseload_id INTEGER NOT NULL,
  drawn_at DATETIME NOT NULL,
  drawn_by_id INTEGER NOT NULL,
  seed BIGINT NOT NULL,
  "plan" JSON NOT NULL,
  CONSTRAINT pk_sample PRIMARY KEY (id),
  CONSTRAINT fk_sample_caseload_id FOREIGN KEY(caseload_id) REFERENCES caseload (id),
  CONSTRAINT fk_sample_drawn_by_id FOREIGN KEY(drawn_by_id) REFERENCES account (id),
  CONSTRAINT uq_sample_key UNIQUE ("key")
);
CREATE TABLE "conflict" (
  id INTEGER NOT NULL,
  case_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  kind VARCHAR(40) NOT NULL,
  declared_at DATETIME NOT NULL,
  CONSTRAINT pk_conflict PRIMARY KEY (id),
  CONSTRAINT fk_conflict_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_conflict_case_id FOREIGN KEY(case_id) REFERENCES board_case (id),
  CONSTRAINT uq_conflict_case_id_account_id UNIQUE (case_id, account_id)
);
CREATE TABLE outcome (
  id INTEGER NOT NULL,
  "key" VARCHAR(16) NOT NULL,
  case_id INTEGER NOT NULL,
  kind VARCHAR(20) NOT NULL,
  content JSON,
  state VARCHAR(20) NOT NULL,
  declined_because TEXT,
  proposed_at DATETIME NOT NULL,
  proposed_by_id INTEGER NOT NULL,
  approved_at DATETIME,
  approved_by_id INTEGER,
  meeting_id INTEGER,
  salt VARCHAR(64),
  seal VARCHAR(71) NOT NULL,
  version INTEGER NOT NULL,
  CONSTRAINT pk_outcome PRIMARY KEY (id),
  CONSTRAINT fk_outcome_approved_by_id FOREIGN KEY(approved_by_id) REFERENCES account (id),
  CONSTRAINT fk_outcome_case_id FOREIGN KEY(case_id) REFERENCES board_case (id),
  CONSTRAINT fk_outcome_meeting_id FOREIGN KEY(meeting_id) REFERENCES meeting (id),
  CONSTRAINT fk_outcome_proposed_by_id FOREIGN KEY(proposed_by_id) REFERENCES account (id),
  CONSTRAINT uq_outcome_key UNIQUE ("key")
);
CREATE TABLE pick (
  id INTEGER NOT NULL,
  "key" VARCHAR(16) NOT NULL,
  sample_id INTEGER NOT NULL,
  case_id INTEGER NOT NULL,
  why VARCHAR(20) NOT NULL,
  stratum VARCHAR(200),
  replaced_at DATETIME,
  replaced_because TEXT,
  replaced_by_id INTEGER, salt VARCHAR(64),
  CONSTRAINT pk_pick PRIMARY KEY (id),
  CONSTRAINT fk_pick_case_id FOREIGN KEY(case_id) REFERENCES board_case (id),
  CONSTRAINT fk_pick_replaced_by_id FOREIGN KEY(replaced_by_id) REFERENCES pick (id),
  CONSTRAINT fk_pick_sample_id FOREIGN KEY(sample_id) REFERENCES sample (id),
  CONSTRAINT uq_pick_key UNIQUE ("key"),
  CONSTRAINT uq_pick_sample_id_case_id UNIQUE (sample_id, case_id)
);
CREATE TABLE scoring (
  id INTEGER NOT NULL,
  "key" VARCHAR(16) NOT NULL,
  case_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  ratings JSON,
  note TEXT,
  saved_at DATETIME NOT NULL,
  confirmed_at DATETIME,
  salt VARCHAR(64),
  seal VARCHAR(71),
  version INTEGER NOT NULL,
  CONSTRAINT pk_scoring PRIMARY KEY (id),
  CONSTRAINT fk_scoring_account_id FOREIGN KEY(account_id) REFERENCES account (id),
  CONSTRAINT fk_scoring_case_id FOREIGN KEY(case_id) REFERENCES board_case (id),
  CONSTRAINT uq_scoring_case_id_account_id UNIQUE (case_id, account_id),
  CONSTRAINT uq_scoring_key UNIQUE ("key")
);
CREATE TABLE decision_record (
  id INTEGER NOT NULL,
  "key" VARCHAR(16) NOT NULL,
  outcome_id INTEGER NOT NULL,
  made_at DATETIME NOT NULL,
  digest VARCHAR(71) NOT NULL,
  policy_digest VARCHAR(71) NOT NULL,
  content TEXT, salt VARCHAR(64),
  CONSTRAINT pk_decision_record PRIMARY KEY (id),
  CONSTRAINT fk_decision_record_outcome_id FOREIGN KEY(outcome_id) REFERENCES outcome (id),
  CONSTRAINT uq_decision_record_key UNIQUE ("key"),
  CONSTRAINT uq_decision_record_outcome_id UNIQUE (outcome_id)
);
CREATE TABLE notice (
  id INTEGER NOT NULL,
  "key" VARCHAR(16) NOT NULL,
  case_id INTEGER NOT NULL,
  issued_at DATETIME NOT NULL,
  issued_by_id INTEGER NOT NULL,
  as_of VARCHAR(40) NOT NULL,
  policy_digest VARCHAR(71) NOT NULL,
  seal VARCHAR(71) NOT NULL,
  body TEXT,
  salt VARCHAR(64),
  CONSTRAINT pk_notice PRIMARY KEY (id),
  CONSTRAINT fk_notice_case_id FOREIGN KEY(case_id) REFERENCES board_case (id),
  CONSTRAINT fk_notice_issued_by_id FOREIGN KEY(issued_by_id) REFERENCES account (id),
  CONSTRAINT uq_notice_key UNIQUE ("key")
);
CREATE TABLE refused_row (
  id INTEGER NOT NULL,
  caseload_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  says TEXT,
  salt VARCHAR(64),
  CONSTRAINT pk_refused_row PRIMARY KEY (id),
  CONSTRAINT fk_refused_row_caseload_id FOREIGN KEY(caseload_id) REFERENCES caseload (id)
);
CREATE INDEX ix_signed_in_account_id ON signed_in (account_id);
CREATE INDEX ix_board_case_caseload_id ON board_case (caseload_id);
CREATE INDEX ix_present_meeting_id ON present (meeting_id);
CREATE INDEX ix_sample_caseload_id ON sample (caseload_id);
CREATE INDEX ix_conflict_account_id ON "conflict" (account_id);
CREATE INDEX ix_conflict_case_id ON "conflict" (case_id);
CREATE INDEX ix_outcome_case_id ON outcome (case_id);
CREATE INDEX ix_outcome_meeting_id ON outcome (meeting_id);
CREATE UNIQUE INDEX uq_outcome_live ON outcome (case_id) WHERE state <> 'declined';
CREATE INDEX ix_pick_case_id ON pick (case_id);
CREATE INDEX ix_pick_sample_id ON pick (sample_id);
CREATE INDEX ix_scoring_account_id ON scoring (account_id);
CREATE INDEX ix_scoring_case_id ON scoring (case_id);
CREATE INDEX ix_notice_case_id ON notice (case_id);
CREATE INDEX ix_refused_row_caseload_id ON refused_row (caseload_id);
