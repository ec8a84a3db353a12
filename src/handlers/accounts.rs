//! `accounts/…`: signing up, in and out.

use crate::routes::accounts::{
    Handlers, Login, LoginError, Logout, Register, RegisterError, Resume, ResumeError, Session,
};
use crate::routes::{Cx, Role, Token};
use crate::studio::{Member, Studio};

impl Handlers for Studio {
    async fn register(&self, cx: &Cx, new: &Register) -> Result<Session, RegisterError> {
        let registered = self.accounts.register(new.username.clone(), new.password.clone()).await?;
        let member = registered.ok_or(RegisterError::NameTaken)?;
        Ok(self.sign_in_anew(cx, member, new.r#as).await?)
    }

    async fn login(&self, cx: &Cx, login: &Login) -> Result<Session, LoginError> {
        let known = self.accounts.login(login.username.clone(), login.password.clone()).await?;
        let member = known.ok_or(LoginError::WrongPassword)?;
        Ok(self.sign_in_anew(cx, member, login.r#as).await?)
    }

    async fn resume(&self, cx: &Cx, resume: &Resume) -> Result<Session, ResumeError> {
        let known = self.accounts.resume(resume.token.clone()).await?;
        let member = known.ok_or(ResumeError::UnknownToken)?;
        Ok(self.sign_in(cx, member, resume.r#as, resume.token.clone()))
    }

    async fn logout(&self, cx: &Cx, _: &Logout) -> Result<(), switchboard::Error> {
        if let Some(token) = cx.get::<Token>() {
            self.accounts.revoke(token).await?;
            cx.remove::<Token>();
        }
        self.forget(cx);
        cx.sign_out();
        Ok(())
    }
}

impl Studio {
    async fn sign_in_anew(&self, cx: &Cx, member: Member, role: Role) -> Result<Session, switchboard::Error> {
        let token = self.accounts.issue_token(member.id).await?;
        Ok(self.sign_in(cx, member, role, token))
    }

    fn sign_in(&self, cx: &Cx, member: Member, role: Role, token: Token) -> Session {
        cx.identify(member.id, [role]);
        cx.insert(member.clone());
        cx.insert(token.clone());
        self.people.add(&member, cx);
        Session { user: member.id, username: member.username, token, roles: vec![role] }
    }
}
